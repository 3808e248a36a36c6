#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/sst/sst_coefficients.h"
#include "cloudmask/sst/sst_score.h"

namespace cloudmask {

struct SstOptions {
  std::vector<std::filesystem::path> scenes;
  std::filesystem::path output;
  std::filesystem::path masks;      ///< folder of masks; empty: the labels of the scenes
  std::optional<double> threshold;  ///< empty: what each mask says it was made for
  View view = View::kNadir;         ///< of scenes and masks
  SstCoefficients coefficients;
};

/// The masks that temperatures are judged under. kGiven is that of SstOptions::masks; the labels and the truth of the
/// scenes are judged beside it where there are any.
enum SstMask { kGiven, kLabels, kTruth, kSstMasks };
inline constexpr std::array<const char*, kSstMasks> kSstMaskNames = {"masks", "labels", "truth"};

struct SstScene {
  std::string name;
  std::string algorithm;
  bool against_truth = false;  ///< misses are told by the truth, else by the labels
  std::array<SstScore, kSstMasks> scores;
};

struct SstRun {
  std::vector<SstScene> scenes;
  std::vector<std::string> failures;  ///< one line for each scene that has no file now

  /// Of all scenes, or of those with this algorithm.
  SstScore total(SstMask mask, const std::string& algorithm = "") const;
};

/// Writes `<output>/<scene>.sst.h5` for each scene, a few at a time, and judges the temperatures. Goes on past a scene
/// that cannot be read or has no mask; throws Error when none is left, or the output cannot be written.
SstRun run_sst(const SstOptions& options);

/// Tables for people, ending with a line end.
std::string sst_text(const SstRun& run);

/// The JSON contract of `sst --json`, in docs/logs.md. NaN is null.
std::string sst_json(const SstRun& run);

}  // namespace cloudmask
