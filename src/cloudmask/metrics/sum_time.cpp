#include "cloudmask/metrics/sum_time.h"

#include <array>
#include <bit>

#include "cloudmask/metrics/least_squares.h"

namespace cloudmask {
namespace {

/// What each of the SumTerms is multiplied with.
std::array<double, 4> counts(const RankLayout& layout, double bytes) {
  const double inside = layout.ranks_per_node;
  const double nodes = layout.nodes;
  const auto tree_levels = static_cast<double>(std::bit_width(static_cast<unsigned>(layout.nodes) - 1U));
  return {2 * (inside - 1), 2 * (inside - 1) / inside * bytes, 2 * tree_levels, 2 * (nodes - 1) / nodes * bytes};
}

}  // namespace

double sum_time_s(const SumTerms& terms, const RankLayout& layout, double bytes) {
  const auto [inside_messages, inside_bytes, network_messages, network_bytes] = counts(layout, bytes);
  return inside_messages * terms.inside_latency_s + inside_bytes * terms.inside_s_per_byte +
         network_messages * terms.network_latency_s + network_bytes * terms.network_s_per_byte;
}

SumTerms fit_sum_terms(const std::vector<SumTime>& measured) {
  std::vector<std::vector<double>> rows;
  std::vector<double> values;
  for (const SumTime& sum : measured) {
    const auto row = counts(sum.layout, sum.bytes);
    rows.emplace_back(row.begin(), row.end());
    values.push_back(sum.time_s);
  }
  if (rows.empty()) return {};
  const std::vector<double> found = fit_relative(rows, values);
  return {found[0], found[1], found[2], found[3]};
}

}  // namespace cloudmask
