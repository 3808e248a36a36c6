#pragma once

#include <filesystem>
#include <string>

#include "cloudmask/config/options.h"
#include "cloudmask/report/run_history.h"

namespace cloudmask {

struct GalleryOptions {
  std::filesystem::path masks;
  std::filesystem::path scenes;
  std::filesystem::path model;  ///< masks older than this file are left out; empty: none
  int max_scenes = 20;
  View view = View::kNadir;  ///< of scenes and masks
};

/// The <section> of scenes with false colour, thermal, label, mask and disagreement, the worst score first. Scenes and
/// masks that cannot be read are left out with a warning.
std::string gallery_section(const RunHistory& history, const GalleryOptions& options);

}  // namespace cloudmask
