#include "cloudmask/sst/sst_coefficients.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/config/yaml_table.h"
#include "cloudmask/sst/default_sst_coefficients.h"

namespace cloudmask {
namespace {

/// Reads one file; knows its name for the messages.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  SstCoefficients read(const std::string& text) const {
    const YAML::Node root = load_table(text, file_);
    if (!root.IsMap()) throw Error(file_ + ": wanted the keys source, vapour_kg_m2, secant, n2, n3");
    SstCoefficients coefficients;
    if (root["source"]) coefficients.source = root["source"].as<std::string>();
    coefficients.vapour_kg_m2 = nodes(root, "vapour_kg_m2");
    coefficients.secant = nodes(root, "secant");
    coefficients.n2 = table(root, "n2", coefficients);
    coefficients.n3 = table(root, "n3", coefficients);
    return coefficients;
  }

 private:
  std::vector<double> numbers(const YAML::Node& node, const std::string& place) const {
    std::vector<double> values = numbers_in(node);
    const bool finite = std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    if (!values.empty() && finite) return values;
    throw Error(fmt::format("{}: {}: wanted a list of numbers", file_, place));
  }

  std::vector<double> nodes(const YAML::Node& root, const std::string& key) const {
    std::vector<double> values = numbers(root[key], key);
    if (std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end()) return values;
    throw Error(fmt::format("{}: {}: wanted ascending numbers", file_, key));
  }

  SstCoefficients::Table table(const YAML::Node& root, const std::string& key, const SstCoefficients& axes) const {
    const std::size_t bands = key == "n2" ? 2 : 3;
    const YAML::Node node = root[key];
    require_length(node, key, axes.vapour_kg_m2.size(), "lists, one for each vapour_kg_m2");
    SstCoefficients::Table table;
    for (std::size_t v = 0; v < node.size(); ++v) {
      const std::string row = fmt::format("{} row {}", key, v + 1);
      require_length(node[v], row, axes.secant.size(), "lists, one for each secant");
      table.emplace_back();
      for (const YAML::Node& list : node[v]) {
        require_length(list, row, bands + 1, bands == 2 ? "numbers: S8, S9, offset" : "numbers: S7, S8, S9, offset");
        const std::vector<double> values = numbers(list, row);
        auto& entry = table.back().emplace_back();
        std::copy_backward(values.begin(), values.end(), entry.end());
      }
    }
    return table;
  }

  void require_length(const YAML::Node& node, const std::string& place, std::size_t length, const char* what) const {
    const std::size_t found = node && node.IsSequence() ? node.size() : 0;
    if (found != length) throw Error(fmt::format("{}: {}: has {}, wanted {} {}", file_, place, found, length, what));
  }

  std::string file_;
};

/// Where a value stands between two nodes.
struct Place {
  std::size_t below = 0;
  std::size_t above = 0;
  double share = 0;  ///< of `above`
};

Place place_of(const std::vector<double>& nodes, double value) {
  const auto next = std::upper_bound(nodes.begin(), nodes.end(), value);
  if (next == nodes.begin()) return {};
  const auto above = static_cast<std::size_t>(next - nodes.begin());
  if (above == nodes.size()) return {above - 1, above - 1, 0};
  return {above - 1, above, (value - nodes[above - 1]) / (nodes[above] - nodes[above - 1])};
}

double sum_at(const std::array<double, SstCoefficients::kValues>& c, const ThermalBands& bands) {
  return c[0] * bands.s7_k + c[1] * bands.s8_k + c[2] * bands.s9_k + c[3];
}

double interpolate(const SstCoefficients& axes, const SstCoefficients::Table& table, const ThermalBands& bands,
                   const ViewedAir& air) {
  const Place vapour = place_of(axes.vapour_kg_m2, air.vapour_kg_m2);
  const Place secant = place_of(axes.secant, air.secant);
  const auto along = [&](std::size_t row) {
    return (1 - secant.share) * sum_at(table[row][secant.below], bands) +
           secant.share * sum_at(table[row][secant.above], bands);
  };
  return (1 - vapour.share) * along(vapour.below) + vapour.share * along(vapour.above);
}

}  // namespace

double SstCoefficients::n2_k(const ThermalBands& bands, const ViewedAir& air) const {
  // Without the 0 x S7 of the table: S7 may be missing, by day above all.
  return interpolate(*this, n2, {0, bands.s8_k, bands.s9_k}, air);
}

double SstCoefficients::n3_k(const ThermalBands& bands, const ViewedAir& air) const {
  return interpolate(*this, n3, bands, air);
}

SstCoefficients default_sst_coefficients() {
  return Reader("config/sst_coefficients.yaml").read(kDefaultSstCoefficients);
}

SstCoefficients read_sst_coefficients(const std::filesystem::path& file) {
  return Reader(file.string()).read(read_file(file));
}

}  // namespace cloudmask
