#include "cloudmask/screening/threshold_tests.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "cloudmask/base/checksum.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/screening/default_threshold_tests.h"

namespace cloudmask {
namespace {

constexpr int kBits = 16;
constexpr std::uint8_t kAllDay = kDaySea | kDayLand | kDaySnow;

// Reads the file's nodes; every fault names the line.
class TableReader {
 public:
  explicit TableReader(const std::string& file) : file_(file) {}

  std::vector<ThresholdTest> read(const YAML::Node& document) {
    if (!document.IsMap()) refuse(document, "takes a mapping with the key `tests`");
    check_keys(document, {"tests"});
    const YAML::Node list = value(document, "tests");
    if (!list.IsSequence() || list.size() == 0) refuse(list, "tests takes a list of tests");
    std::vector<ThresholdTest> tests;
    for (const YAML::Node& node : list) tests.push_back(read_test(node, tests));
    return tests;
  }

 private:
  ThresholdTest read_test(const YAML::Node& node, const std::vector<ThresholdTest>& before) {
    if (!node.IsMap()) refuse(node, "a test is a mapping");
    check_keys(node, {"name", "bit", "when", "surface", "ramps", "source"});
    ThresholdTest test;
    test.name = text(node, "name");
    const bool is_word = std::all_of(test.name.begin(), test.name.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || std::string_view("_-.+@").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (test.name.empty() || !is_word) refuse(node["name"], "name takes a word of letters, digits and _ - . + @");
    test.bit = static_cast<int>(number(node, "bit"));
    if (test.bit < 0 || test.bit >= kBits || static_cast<float>(test.bit) != number(node, "bit")) {
      refuse(node["bit"], "bit takes 0 to 15");
    }
    for (const ThresholdTest& other : before) {
      if (other.bit == test.bit) refuse(node["bit"], fmt::format("bit {} belongs to {} already", test.bit, other.name));
      if (other.name == test.name) refuse(node["name"], "name " + test.name + " is used twice");
    }
    test.kinds = read_kinds(node);
    const YAML::Node ramps = value(node, "ramps");
    if (!ramps.IsSequence() || ramps.size() == 0) refuse(ramps, "ramps takes a list of ramps");
    for (const YAML::Node& ramp : ramps) test.ramps.push_back(read_ramp(ramp));
    test.source = text(node, "source");
    return test;
  }

  std::uint8_t read_kinds(const YAML::Node& node) {
    const std::string when = text(node, "when");
    std::uint8_t times = 0;
    if (when == "day" || when == "both") times |= kAllDay;
    if (when == "night" || when == "both") times |= kNight;
    if (times == 0) refuse(node["when"], "when takes day, night or both, not '" + when + "'");
    if (!node["surface"]) return times;
    if (when != "day") refuse(node["surface"], "surface goes with `when: day`: by night the surface is not told");
    const YAML::Node list = node["surface"];
    if (!list.IsSequence() || list.size() == 0) refuse(list, "surface takes a list of sea, land, snow");
    std::uint8_t kinds = 0;
    for (const YAML::Node& item : list) {
      const std::string name = item.IsScalar() ? item.Scalar() : "";
      const int kind = name == "sea" ? kDaySea : name == "land" ? kDayLand : name == "snow" ? kDaySnow : 0;
      if (kind == 0) refuse(item, "surface takes sea, land, snow, not '" + name + "'");
      kinds = static_cast<std::uint8_t>(kinds | kind);
    }
    return kinds;
  }

  Ramp read_ramp(const YAML::Node& node) {
    if (!node.IsMap()) refuse(node, "a ramp is a mapping {quantity, clear, cloud}");
    check_keys(node, {"quantity", "clear", "cloud"});
    const std::string name = text(node, "quantity");
    const std::optional<Feature> quantity = find_feature(name);
    if (!quantity) refuse(node["quantity"], "quantity '" + name + "' is not known; there are " + all_quantities());
    const Ramp ramp{*quantity, number(node, "clear"), number(node, "cloud")};
    if (ramp.clear == ramp.cloud) {
      refuse(node["cloud"], fmt::format("cloud is {} as clear is: a ramp needs a width", ramp.cloud));
    }
    return ramp;
  }

  static std::string all_quantities() {
    std::string names;
    for (std::size_t i = 0; i < kFeatures; ++i) {
      names += (i == 0 ? "" : ", ") + std::string(feature_name(static_cast<Feature>(i)));
    }
    return names;
  }

  void check_keys(const YAML::Node& node, const std::set<std::string>& known) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      if (!known.contains(key)) {
        refuse(entry.first, fmt::format("unknown key '{}'; there are {}", key, fmt::join(known, ", ")));
      }
      if (!seen.insert(key).second) refuse(entry.first, "key '" + key + "' is given twice");
    }
  }

  YAML::Node value(const YAML::Node& node, const std::string& key) {
    const YAML::Node found = node[key];
    if (!found || found.IsNull()) refuse(node, "key '" + key + "' is missing or has no value");
    return found;
  }

  std::string text(const YAML::Node& node, const std::string& key) {
    const YAML::Node found = value(node, key);
    if (!found.IsScalar()) refuse(found, key + " takes a text");
    return found.Scalar();
  }

  float number(const YAML::Node& node, const std::string& key) {
    const YAML::Node found = value(node, key);
    float number = 0;
    if (!found.IsScalar() || !YAML::convert<float>::decode(found, number) || !std::isfinite(number)) {
      refuse(found, key + " takes a number" + (found.IsScalar() ? ", not '" + found.Scalar() + "'" : ""));
    }
    return number;
  }

  [[noreturn]] void refuse(const YAML::Node& node, const std::string& reason) {
    const YAML::Mark mark = node.Mark();
    throw UsageError(mark.is_null() ? file_ + ": " + reason : fmt::format("{}:{}: {}", file_, mark.line + 1, reason));
  }

  const std::string& file_;
};

}  // namespace

std::vector<std::string> ThresholdTests::flag_names() const {
  int highest = 0;
  for (const ThresholdTest& test : tests) highest = std::max(highest, test.bit);
  std::vector<std::string> names;
  for (int bit = 0; bit <= highest; ++bit) names.push_back(fmt::format("spare_{}", bit));
  for (const ThresholdTest& test : tests) names[static_cast<std::size_t>(test.bit)] = test.name;
  return names;
}

ThresholdTests parse_threshold_tests(std::string_view yaml, const std::string& file_name) {
  YAML::Node document;
  try {
    document = YAML::Load(std::string(yaml));
  } catch (const YAML::Exception& error) {
    throw UsageError(fmt::format("{}:{}: not valid YAML: {}", file_name, error.mark.line + 1, error.msg));
  }
  ThresholdTests result;
  result.tests = TableReader(file_name).read(document);
  result.name = fmt::format("{} (checksum {:016x})", std::filesystem::path(file_name).filename().string(),
                            checksum(std::string(yaml)));
  return result;
}

ThresholdTests read_threshold_tests(const std::filesystem::path& file) {
  std::string yaml;
  try {
    yaml = read_file(file);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  return parse_threshold_tests(yaml, file.string());
}

const ThresholdTests& default_threshold_tests() {
  static const ThresholdTests tests = parse_threshold_tests(kDefaultThresholdTests, "threshold_tests.yaml");
  return tests;
}

}  // namespace cloudmask
