#include "cloudmask/benchmark_parts.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/base/clock.h"
#include "cloudmask/kernels/find_kernels.h"
#include "cloudmask/tensor/part_timer.h"

namespace cloudmask {
namespace {

double best_of(int times, const std::function<void()>& work) {
  double best_s = std::numeric_limits<double>::infinity();
  for (int i = 0; i < times; ++i) {
    const Stopwatch watch;
    work();
    best_s = std::min(best_s, watch.elapsed_s());
  }
  return best_s;
}

double matrix_product_gflops(const ComputeTarget& target) {
  const std::int64_t side = target.device.is_cpu() ? 2048 : 8192;  // enough for every multiprocessor
  const auto options = torch::dtype(compute_type(target)).device(target.device);
  const auto a = torch::rand({side, side}, options);
  const auto b = torch::rand({side, side}, options);
  const double best_s = best_of(8, [&] { torch::matmul(a, b)[0][0].item<float>(); });
  return 2.0 * std::pow(static_cast<double>(side), 3) / best_s / 1e9;
}

// The largest tile of sums over 64 products: a few kilobytes in each thread.
double cached_tile_gflops(const KernelSet& kernels) {
  constexpr int kProducts = 64;
  constexpr int kTiles = 20000;
  const int threads = torch::get_num_threads();
  const auto multiply = [&](std::int64_t, std::int64_t) {
    const auto left = torch::zeros({kernels.tile_rows, kProducts});
    const auto right = torch::zeros({kProducts, kernels.tile_columns});
    const auto to = torch::zeros({kernels.tile_rows, kernels.tile_columns});
    const Product product{left.const_data_ptr<float>(), kProducts, 1, right.const_data_ptr<float>(),
                          kernels.tile_columns,         kProducts};
    const Sums sums{to.mutable_data_ptr<float>(), kernels.tile_columns, kernels.tile_rows, kernels.tile_columns, true};
    for (int i = 0; i < kTiles; ++i) kernels.multiply(product, sums);
  };
  const double best_s = best_of(8, [&] { at::parallel_for(0, threads, 1, multiply); });
  const double flop_of_tile = 2.0 * kernels.tile_rows * kernels.tile_columns * kProducts;
  return flop_of_tile * kTiles * threads / best_s / 1e9;
}

}  // namespace

double measure_peak_gflops(const ComputeTarget& target) {
  const torch::NoGradGuard no_grad;
  if (!target.own_kernels) return matrix_product_gflops(target);
  const bool bf16 = target.precision == Precision::kBf16;
  return cached_tile_gflops(*find_kernels(bf16 ? Element::kBFloat16 : Element::kFloat32));
}

std::vector<BenchmarkPart> time_parts(const std::function<void()>& work, int batch_size) {
  constexpr int kCalls = 3;
  const double patches = kCalls * batch_size;
  const Stopwatch watch;
  const PartTimer timer;
  for (int i = 0; i < kCalls; ++i) work();
  double rest_s = watch.elapsed_s();
  std::vector<BenchmarkPart> parts;
  for (const TimedPart& part : timer.parts()) {
    rest_s -= part.time_s;
    parts.push_back({part.name, part.time_s * 1e3 / patches, part.flop / part.time_s / 1e9});
  }
  parts.push_back({"rest", rest_s * 1e3 / patches, 0});
  return parts;
}

}  // namespace cloudmask
