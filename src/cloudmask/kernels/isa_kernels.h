#pragma once

#include "cloudmask/kernels/isa_maps.h"
#include "cloudmask/kernels/isa_multiply.h"
#include "cloudmask/kernels/isa_tiles.h"
#include "cloudmask/kernels/isa_winograd.h"

namespace cloudmask {
namespace {

template <class Isa>
constexpr KernelSet make_kernels(const char* name, Element element) {
  using Transform = OneDimension<Isa>;
  return {name,
          element,
          Isa::kLanes == 16,
          Isa::kTileRows,
          2 * Isa::kLanes,
          multiply<Isa>,
          gate<Isa>,
          transform_row<Isa, InputShape, Transform::input>,
          transform_row<Isa, PairedInputShape, Transform::input>,
          transform_row<Isa, UpsampledShape, Transform::upsampled>,
          transform_row<Isa, GradientShape, Transform::gradient>,
          make_output<Isa, 4, Transform::output>,
          make_output<Isa, 2, Transform::paired_output>,
          append_features<Isa>,
          pool<Isa>,
          pool_gradient<Isa>,
          head<Isa>,
          head_gradient<Isa>};
}

}  // namespace
}  // namespace cloudmask
