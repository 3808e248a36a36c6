#include "cloudmask/sst/sst_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/named_raster.h"
#include "cloudmask/scene/scene_reader.h"
#include "cloudmask/sst/sst_file.h"
#include "cloudmask/sst/sst_retrieval.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// A scene in memory and what is made of it take about 350 MB.
constexpr int kMaxScenesAtOnce = 8;

/// A mask as classes.
struct UsedMask {
  std::vector<std::uint8_t> cloud;
  std::string origin;
  double threshold = 0.5;
};

UsedMask given_mask(const fs::path& file, const Scene& scene, const std::optional<double>& threshold) {
  const MaskContent content = read_mask(file, scene);
  UsedMask used{{}, file.string(), threshold.value_or(content.origin.threshold)};
  used.cloud.reserve(scene.pixels());
  for (const float probability : content.mask.cloud_probability) {
    const bool cloudy = static_cast<double>(probability) >= used.threshold;
    used.cloud.push_back(std::isnan(probability) ? kUnknown : cloudy ? kCloud : kClear);
  }
  return used;
}

UsedMask used_mask(const fs::path& file, const Scene& scene, const SstOptions& options) {
  if (!options.masks.empty()) return given_mask(find_mask(options.masks, file, options.view), scene, options.threshold);
  if (scene.label.empty()) {
    throw Error(file.string() + ": dataset bayes is missing; give masks with --masks DIR");
  }
  return {scene.label, "labels of the scene"};
}

void write(const fs::path& file, const Scene& scene, std::vector<float> sst_k, UsedMask used,
           const SstOptions& options) {
  for (std::size_t i = 0; i < sst_k.size(); ++i) {
    const bool sea = scene.surface.empty() || scene.surface[i] == static_cast<std::uint8_t>(Surface::kSea);
    if (used.cloud[i] != kClear || !sea) sst_k[i] = std::nanf("");
  }
  write_sst(sst_path(options.output, file, scene.view), {.height_px = scene.height_px,
                                                         .width_px = scene.width_px,
                                                         .sst_k = std::move(sst_k),
                                                         .cloud = std::move(used.cloud),
                                                         .scene = scene.name,
                                                         .view = scene.view,
                                                         .algorithm = sst_algorithm(scene),
                                                         .coefficients = options.coefficients.source,
                                                         .mask = std::move(used.origin),
                                                         .threshold = used.threshold});
}

SstScene run_scene(const fs::path& file, const SstOptions& options) {
  const Scene scene = read_scene(file, {.want_angles = true, .view = options.view});
  UsedMask used = used_mask(file, scene, options);
  std::vector<float> sst_k = retrieve_sst_k(scene, options.coefficients);
  const std::vector<float> known_k = read_named_raster(file, "surface_temperature_k", scene);
  SstScene result;
  result.name = scene.name;
  result.algorithm = sst_algorithm(scene);
  result.against_truth = !scene.truth.empty();
  const SstReference reference{result.against_truth ? scene.truth : scene.label, known_k};
  if (!options.masks.empty()) result.scores[kGiven] = score_sst(scene, sst_k, used.cloud, reference);
  if (!scene.label.empty()) result.scores[kLabels] = score_sst(scene, sst_k, scene.label, reference);
  if (!scene.truth.empty()) result.scores[kTruth] = score_sst(scene, sst_k, scene.truth, reference);
  write(file, scene, std::move(sst_k), std::move(used), options);
  return result;
}

}  // namespace

SstScore SstRun::total(SstMask mask, const std::string& algorithm) const {
  SstScore sum;
  for (const SstScene& scene : scenes) {
    if (algorithm.empty() || scene.algorithm == algorithm) sum.merge(scene.scores[mask]);
  }
  return sum;
}

SstRun run_sst(const SstOptions& options) {
  require_writable_folder(options.output);
  std::vector<SstScene> results(options.scenes.size());
  std::vector<std::string> faults = try_each(
      options.scenes.size(), [&](std::size_t i) { results[i] = run_scene(options.scenes[i], options); },
      std::min(available_threads(), kMaxScenesAtOnce));
  SstRun run;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (faults[i].empty()) {
      run.scenes.push_back(std::move(results[i]));
    } else {
      run.failures.push_back(std::move(faults[i]));
    }
  }
  if (run.scenes.empty()) throw Error("no temperatures could be found: " + run.failures.front());
  for (const std::string& failure : run.failures) log_warning(failure);
  return run;
}

}  // namespace cloudmask
