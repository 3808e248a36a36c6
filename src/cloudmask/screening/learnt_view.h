#pragma once

#include <string>

#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// The view of the scenes that a method learnt from.
class LearntView {
 public:
  explicit LearntView(View view) : view_(view) {}

  /// Warns, once, of a scene of the other view; `model` is MaskOrigin::model.
  void compare(const Scene& scene, const std::string& model);

 private:
  View view_;
  bool warned_ = false;
};

}  // namespace cloudmask
