#include "cloudmask/report/comparison_estimates.h"

#include <utility>

namespace cloudmask {
namespace {

using Values = std::array<double, kComparedScores.size()>;

/// Scores of a method: over the scenes as they are, and over each draw of them.
struct Sampled {
  Values values;
  std::vector<Values> draws;
};

Values values_of(const PixelCounts& counts) {
  const Scores scores = score(counts);
  Values values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = scores.*kComparedScores[i].value;
  return values;
}

Sampled sample(const std::vector<ComparedScene>& scenes, std::size_t method, Part part,
               const std::vector<std::vector<std::size_t>>& draws) {
  Sampled sampled;
  PixelCounts all;
  for (const ComparedScene& scene : scenes) all.merge(scene.counts[method][part]);
  sampled.values = values_of(all);
  for (const std::vector<std::size_t>& draw : draws) {
    PixelCounts counts;
    for (const std::size_t scene : draw) counts.merge(scenes[scene].counts[method][part]);
    sampled.draws.push_back(values_of(counts));
  }
  return sampled;
}

ScoreEstimates estimates_of(const Sampled& sampled) {
  ScoreEstimates estimates;
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    std::vector<double> draws;
    draws.reserve(sampled.draws.size());
    for (const Values& values : sampled.draws) draws.push_back(values[i]);
    estimates[i] = estimate(sampled.values[i], std::move(draws));
  }
  return estimates;
}

Sampled difference(const Sampled& first, const Sampled& second) {
  Sampled result = first;
  for (std::size_t i = 0; i < result.values.size(); ++i) {
    result.values[i] -= second.values[i];
    for (std::size_t d = 0; d < result.draws.size(); ++d) result.draws[d][i] -= second.draws[d][i];
  }
  return result;
}

PartComparison estimate_part(const std::vector<ComparedScene>& scenes, Part part,
                             const std::vector<std::vector<std::size_t>>& draws) {
  PartComparison result;
  for (const ComparedScene& scene : scenes) {
    const std::uint64_t pixels = scene.counts.front()[part].pixels();
    result.pixels += pixels;
    if (pixels > 0) ++result.scenes;
  }
  // One scene drawn again and again would give an interval without width.
  const bool drawable = result.scenes > 1;
  std::vector<Sampled> sampled;
  for (std::size_t m = 0; m < scenes.front().counts.size(); ++m) {
    sampled.push_back(sample(scenes, m, part, drawable ? draws : std::vector<std::vector<std::size_t>>{}));
    result.methods.push_back(estimates_of(sampled.back()));
  }
  for (std::size_t a = 0; a < sampled.size(); ++a) {
    for (std::size_t b = a + 1; b < sampled.size(); ++b) {
      // The later one first: what is new minus what was there before.
      result.differences.push_back({b, a, estimates_of(difference(sampled[b], sampled[a]))});
    }
  }
  return result;
}

}  // namespace

std::array<PartComparison, kParts> estimate_parts(const std::vector<ComparedScene>& scenes) {
  const auto draws = resample(scenes.size());
  std::array<PartComparison, kParts> parts;
  for (int part = 0; part < kParts; ++part) parts[part] = estimate_part(scenes, static_cast<Part>(part), draws);
  return parts;
}

}  // namespace cloudmask
