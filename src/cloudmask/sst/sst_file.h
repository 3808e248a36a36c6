#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"

namespace cloudmask {

struct SstFile {
  int height_px = 0;
  int width_px = 0;
  std::vector<float> sst_k;         ///< [H,W], NaN where there is none
  std::vector<std::uint8_t> cloud;  ///< [H,W], the mask used: kClear, kCloud, kUnknown
  std::string scene;                ///< file name
  View view = View::kNadir;
  std::string algorithm;     ///< "N2" or "N3"
  std::string coefficients;  ///< their source
  std::string mask;          ///< where the mask came from
  double threshold = 0.5;
};

/// `<folder>/<scene file name>.sst.h5`, of the oblique view `<scene file name>.oblique.sst.h5`.
std::filesystem::path sst_path(const std::filesystem::path& folder, const std::filesystem::path& scene, View view);

/// HDF5 with `sst_k` float32 [H,W] and `cloud` uint8 [H,W], and attributes that say what they are. Whole or not at all.
/// Throws Error.
void write_sst(const std::filesystem::path& file, const SstFile& sst);

}  // namespace cloudmask
