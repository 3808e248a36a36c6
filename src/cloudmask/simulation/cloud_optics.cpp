#include "cloudmask/simulation/cloud_optics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/config/yaml_table.h"
#include "cloudmask/simulation/default_cloud_optics.h"

namespace cloudmask {
namespace {

/// In the order of Optic.
constexpr std::array<std::string_view, kOptics> kNames{
    "absorption_s8", "absorption_s7", "absorption_s9", "emissivity_s7", "backscatter", "white_s1",
    "white_s2",      "white_s3",      "white_s4",      "white_s5",      "white_s6",    "sunlight_s7"};

/// Reads one file; knows its name for the messages.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  CloudOptics read(const std::string& text) const {
    const YAML::Node root = load_table(text, file_);
    if (!root.IsMap()) throw Error(file_ + ": wanted the keys source, droplets, crystals");
    CloudOptics optics;
    if (root["source"] && root["source"].IsScalar()) optics.source = root["source"].Scalar();
    optics.droplets = ranges(root["droplets"], "droplets");
    optics.crystals = ranges(root["crystals"], "crystals");
    return optics;
  }

 private:
  OpticRanges ranges(const YAML::Node& node, std::string_view particles) const {
    if (!node || !node.IsMap() || node.size() != kOptics) {
      throw Error(fmt::format("{}: {}: wanted the keys {}", file_, particles, fmt::join(kNames, ", ")));
    }
    OpticRanges ranges;
    for (std::size_t i = 0; i < kOptics; ++i) ranges[i] = range(node[std::string(kNames[i])], particles, kNames[i]);
    return ranges;
  }

  Range range(const YAML::Node& node, std::string_view particles, std::string_view key) const {
    const std::vector<double> values = numbers_in(node);
    constexpr double kMost = 2;
    if (values.size() == 2 && values[0] >= 0 && values[0] <= values[1] && values[1] <= kMost) {
      return {values[0], values[1]};
    }
    throw Error(fmt::format("{}: {}: {}: wanted [lowest, highest] within 0 to {}", file_, particles, key, kMost));
  }

  std::string file_;
};

}  // namespace

CloudOptics default_cloud_optics() { return Reader("config/cloud_optics.yaml").read(kDefaultCloudOptics); }

CloudOptics read_cloud_optics(const std::filesystem::path& file) { return Reader(file.string()).read(read_file(file)); }

}  // namespace cloudmask
