#include "cloudmask/screening/learnt_view.h"

#include <fmt/format.h>

#include "cloudmask/base/log.h"

namespace cloudmask {

void LearntView::compare(const Scene& scene, const std::string& model) {
  if (scene.view == view_ || warned_) return;
  warned_ = true;
  log_warning(fmt::format("{}: learnt from the {} view; how good its masks of the {} view are is not known", model,
                          to_string(view_), to_string(scene.view)));
}

}  // namespace cloudmask
