#pragma once

#include <filesystem>
#include <optional>

#include "cloudmask/config/choices.h"

namespace cloudmask {

struct HtmlReportOptions {
  std::filesystem::path scenes;  ///< empty: `inference_dir` of the run's configuration
  std::filesystem::path masks;   ///< empty: `run_dir`
  int gallery_scenes = 20;       ///< the best and the worst when there are more
  std::optional<View> view;      ///< of scenes and masks; empty: that of the run's configuration
};

/// Writes `<run_dir>/report.html` from `run.jsonl`, the masks and the scenes, and returns its path: one file that needs
/// no other and no network, below 5 MB with 20 scenes. What a run has not done yet, or scenes that are not there any
/// more, leave their section out with a sentence. Scores are those the run logged after its last inference; without
/// them, or of another view, masks and scenes are compared anew, leaving out masks in `run_dir` that are older than the
/// model. Throws Error when `run_dir` holds no run.
std::filesystem::path write_html_report(const std::filesystem::path& run_dir, const HtmlReportOptions& options = {});

}  // namespace cloudmask
