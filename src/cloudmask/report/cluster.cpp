#include "cloudmask/report/cluster.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <set>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/config/yaml_table.h"
#include "cloudmask/report/default_cluster.h"

namespace cloudmask {
namespace {

constexpr double kMost = 1e12;

/// Reads one file; every fault names the line.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  Cluster read(const std::string& text) {
    try {
      root_ = load_table(text, file_);
    } catch (const Error& error) {
      throw UsageError(error.what());
    }
    if (!root_.IsMap()) refuse(root_, "takes a mapping; config/cluster.yaml shows its keys");
    Cluster cluster;
    cluster.name = value("name").IsScalar() ? root_["name"].Scalar() : "";
    if (cluster.name.empty()) refuse(root_["name"], "name takes a text");
    cluster.sources = texts("sources");
    cluster.ranks_per_node = whole("ranks_per_node", 1 << 16);
    cluster.max_ranks = whole("max_ranks", 1 << 20);
    read_work(cluster);
    cluster.inside_latency_us = range("inside_latency_us", 0);
    cluster.inside_gb_per_s = range("inside_gb_per_s", 1e-6);
    cluster.network_latency_us = range("network_latency_us", 0);
    cluster.network_gb_per_s = range("network_gb_per_s", 1e-6);
    cluster.training_patches = whole("training_patches", 1 << 30);
    cluster.test_patches = whole("test_patches", 1 << 30);
    cluster.batch_size = whole("batch_size", 1 << 30);
    cluster.batch_per_rank = whole("batch_per_rank", 1 << 20);
    require_known_keys();
    return cluster;
  }

 private:
  void read_work(Cluster& cluster) {
    if (root_["work_factor"]) {
      for (const char* key : {"training_ms_per_patch", "evaluation_ms_per_patch", "fixed_ms"}) {
        if (root_[key]) refuse(root_[key], fmt::format("{} does not go with work_factor: keep one of them", key));
      }
      cluster.work_factor = range("work_factor", 1e-9);
      return;
    }
    if (!root_["training_ms_per_patch"]) {
      refuse(root_, "takes work_factor, or training_ms_per_patch, evaluation_ms_per_patch and fixed_ms");
    }
    cluster.training_ms_per_patch = range("training_ms_per_patch", 1e-9);
    cluster.evaluation_ms_per_patch = range("evaluation_ms_per_patch", 0);
    cluster.fixed_ms = range("fixed_ms", 0);
  }

  YAML::Node value(const std::string& key) {
    known_.insert(key);
    YAML::Node found = root_[key];
    if (!found || found.IsNull()) refuse(root_, "key '" + key + "' is missing or has no value");
    return found;
  }

  std::vector<std::string> texts(const std::string& key) {
    const YAML::Node list = value(key);
    std::vector<std::string> texts;
    if (!list.IsSequence()) refuse(list, key + " takes a list of texts");
    for (const YAML::Node& item : list) {
      if (!item.IsScalar()) refuse(item, key + " takes a list of texts");
      texts.push_back(item.Scalar());
    }
    return texts;
  }

  int whole(const std::string& key, int most) {
    const YAML::Node node = value(key);
    int number = 0;
    if (!node.IsScalar() || !YAML::convert<int>::decode(node, number) || number < 1 || number > most) {
      refuse(node, fmt::format("{} takes a whole number from 1 to {}", key, most));
    }
    return number;
  }

  FigureRange range(const std::string& key, double least) {
    const YAML::Node node = value(key);
    FigureRange range;
    if (node.IsScalar()) {
      if (!YAML::convert<double>::decode(node, range.low)) range.low = std::nan("");
      range.high = range.low;
    } else if (const std::vector<double> two = numbers_in(node); two.size() == 2) {
      range = {two[0], two[1]};
    } else {
      range.low = std::nan("");
    }
    const bool valid = range.low >= least && range.low <= range.high && range.high <= kMost;  // not so with NaN
    if (!valid) {
      refuse(node, fmt::format("{} takes a number from {} to {}, or [lowest, highest]", key, least, kMost));
    }
    return range;
  }

  void require_known_keys() {
    std::set<std::string> seen;
    for (const auto& entry : root_) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      if (!known_.contains(key)) {
        refuse(entry.first, fmt::format("unknown key '{}'; there are {}", key, fmt::join(known_, ", ")));
      }
      if (!seen.insert(key).second) refuse(entry.first, "key '" + key + "' is given twice");
    }
  }

  [[noreturn]] void refuse(const YAML::Node& node, const std::string& reason) const {
    const YAML::Mark mark = node.Mark();
    throw UsageError(mark.is_null() ? file_ + ": " + reason : fmt::format("{}:{}: {}", file_, mark.line + 1, reason));
  }

  std::string file_;
  YAML::Node root_;
  std::set<std::string> known_;
};

}  // namespace

Cluster read_cluster(const std::filesystem::path& file) {
  std::string text;
  try {
    text = read_file(file);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  return Reader(file.string()).read(text);
}

Cluster default_cluster() { return Reader("config/cluster.yaml").read(kDefaultCluster); }

}  // namespace cloudmask
