#pragma once

#include "cloudmask/kernels/isa_layout.h"
#include "cloudmask/kernels/isa_maps.h"
#include "cloudmask/kernels/isa_multiply.h"

namespace cloudmask {
namespace {

template <class Isa>
constexpr KernelSet make_kernels(const char* name, Element element) {
  return {name,
          element,
          Isa::kPair,
          Isa::kTileRows,
          2 * Isa::kLanes,
          multiply<Isa>,
          lay_planes<Isa>,
          lay_pixels<Isa>,
          append_features<Isa>,
          pool<Isa>,
          pool_gradient<Isa>,
          head<Isa>,
          head_gradient<Isa>};
}

}  // namespace
}  // namespace cloudmask
