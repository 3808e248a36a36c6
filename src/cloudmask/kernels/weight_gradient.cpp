#include "cloudmask/kernels/weight_gradient.h"

#include <algorithm>

#include "cloudmask/kernels/row_ring.h"

namespace cloudmask {
namespace {

using Index = std::ptrdiff_t;

int divide_up(int value, int divisor) { return (value + divisor - 1) / divisor; }

// Sums of one worker: [phases][taps][in_channels + 1][out_channels]; the last row of each phase's first tap belongs to
// the bias (PixelRing's ones), that of the others is unused.
class WorkerSums {
 public:
  WorkerSums(const KernelSet& kernels, const ConvolutionPlan& plan, const Maps& input, const Maps& gradient)
      : kernels_(kernels),
        plan_(plan),
        gradient_(gradient),
        rows_(gradient.height / plan.out_step),
        columns_(gradient.width / plan.out_step),
        band_rows_(std::max(1, kBandWords * kernels.pair / columns_)),
        ring_(kernels, input, RingRows{1, -1, 1, band_rows_}),
        words_(divide_up(columns_, kernels.pair)),
        stride_((gradient.channels + 15) / 16 * 16 + (gradient.channels > 16 ? 16 : 0)) {
    taps_ = plan.phases.front().taps.size();
    channels_ = input.channels;
    sums_.assign(plan.phases.size() * tap_sums() * taps_, 0.0F);
    const auto rows = plan.phases.size() * static_cast<std::size_t>(band_rows_);
    gradient_words_.assign(rows * static_cast<std::size_t>(words_ * stride_), 0);
  }

  // The sums go through memory once a band; a band's gradients of one block of channels stay in the first cache.
  static constexpr int kBandWords = 256;
  int bands() const { return divide_up(rows_, band_rows_); }

  void add(int image, int band) {
    const int begin = band * band_rows_;
    const int end = std::min(begin + band_rows_, rows_);
    ring_.fill(image, begin, end);
    for (std::size_t phase = 0; phase < plan_.phases.size(); ++phase) {
      for (int row = begin; row < end; ++row) lay_gradient(image, row, phase, row - begin);
      for (int first = 0; first < gradient_.channels; first += kernels_.tile_columns) {
        for (std::size_t tap = 0; tap < taps_; ++tap) add_tap(phase, tap, first, begin, end);
      }
    }
  }

  std::size_t tap_sums() const {
    return static_cast<std::size_t>(channels_ + 1) * static_cast<std::size_t>(gradient_.channels);
  }
  const FloatBuffer& sums() const { return sums_; }

 private:
  Word* gradient_row(std::size_t phase, int row_of_band) {
    const auto row = phase * static_cast<std::size_t>(band_rows_) + static_cast<std::size_t>(row_of_band);
    return &gradient_words_[row * static_cast<std::size_t>(words_ * stride_)];
  }

  void lay_gradient(int image, int row, std::size_t phase, int row_of_band) {
    const Phase& p = plan_.phases[phase];
    const Index image_row = static_cast<Index>(plan_.out_step) * row + p.row;
    const Index pixel = (static_cast<Index>(image) * gradient_.height + image_row) * gradient_.width;
    const Index offset_bytes = pixel * gradient_.channels * kernels_.element_bytes();
    PixelRow pixels;
    pixels.pixels = static_cast<const char*>(gradient_.values) + offset_bytes;
    if (gradient_.gate != nullptr) pixels.gate = static_cast<const char*>(gradient_.gate) + offset_bytes;
    pixels.width = gradient_.width;
    pixels.channels = gradient_.channels;
    pixels.first = p.column;
    pixels.step = plan_.out_step;
    pixels.count = words_;
    pixels.words = gradient_row(phase, row_of_band);
    pixels.stride = stride_;
    kernels_.lay_pixels(pixels);
  }

  void add_tap(std::size_t phase, std::size_t tap, int first, int begin, int end) {
    const Tap& t = plan_.phases[phase].taps[tap];
    panels_.clear();
    for (int row = begin; row < end; ++row) {
      panels_.push_back(
          {ring_.at(row + t.row, t.column), ring_.stride(), gradient_row(phase, row - begin) + first, stride_, words_});
    }
    const int channels = channels_ + (tap == 0 ? 1 : 0);
    TileOutput tile;
    tile.row_stride = gradient_.channels;
    tile.columns = std::min(kernels_.tile_columns, gradient_.channels - first);
    tile.add = true;
    float* const sums = &sums_[(phase * taps_ + tap) * tap_sums() + static_cast<std::size_t>(first)];
    const int tiles = divide_up(channels, kernels_.tile_rows);
    for (int i = 0; i < tiles; ++i) {  // of nearly equal size
      const int from = channels * i / tiles;
      const int to = channels * (i + 1) / tiles;
      tile.data = sums + static_cast<Index>(from) * gradient_.channels;
      kernels_.multiply(panels_.data(), static_cast<int>(panels_.size()), from, to - from, tile);
    }
  }

  const KernelSet& kernels_;
  const ConvolutionPlan& plan_;
  Maps gradient_;
  int rows_;
  int columns_;
  int band_rows_;
  PixelRing ring_;
  int words_;
  Index stride_;
  std::size_t taps_ = 0;
  int channels_ = 0;
  FloatBuffer sums_;
  WordBuffer gradient_words_;
  std::vector<Panel> panels_;
};

}  // namespace

WeightGradients weight_gradients(const KernelSet& kernels, const ConvolutionPlan& plan, const Maps& input,
                                 const Maps& output_gradient, const Workers& workers) {
  std::vector<WorkerSums> parts;
  parts.reserve(static_cast<std::size_t>(workers.count));
  for (int i = 0; i < workers.count; ++i) parts.emplace_back(kernels, plan, input, output_gradient);
  workers.run([&](int worker) {
    WorkerSums& part = parts[static_cast<std::size_t>(worker)];
    const std::int64_t bands = static_cast<std::int64_t>(output_gradient.batch) * part.bands();
    for (std::int64_t band = bands * worker / workers.count; band < bands * (worker + 1) / workers.count; ++band) {
      part.add(static_cast<int>(band / part.bands()), static_cast<int>(band % part.bands()));
    }
  });

  WeightGradients result;
  const auto out_channels = static_cast<std::size_t>(output_gradient.channels);
  result.bias.assign(out_channels, 0.0F);
  const std::size_t tap_sums = parts.front().tap_sums();
  const std::size_t taps = parts.front().sums().size() / tap_sums;
  const std::size_t taps_of_phase = plan.phases.front().taps.size();
  const std::size_t weights = tap_sums - out_channels;
  result.weights.assign(taps * weights, 0.0F);
  for (const WorkerSums& part : parts) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const float* sums = &part.sums()[tap * tap_sums];
      for (std::size_t i = 0; i < weights; ++i) result.weights[tap * weights + i] += sums[i];
      if (tap % taps_of_phase != 0) continue;
      for (std::size_t i = 0; i < out_channels; ++i) result.bias[i] += sums[weights + i];
    }
  }
  return result;
}

}  // namespace cloudmask
