#include "cloudmask/synthetic/field.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "cloudmask/base/error.h"
#include "cloudmask/synthetic/fast_noise.h"

namespace cloudmask::synthetic {
namespace {

int cells_at(int length_px, int level) { return ((length_px - 1) >> level) + 1; }

/// One subdivision: each value splits in two, 3/4 of itself and 1/4 of the neighbour on that side. Borders wrap around,
/// so that a raster whose sides are powers of two is periodic.
void split_row(const std::vector<float>& from, std::size_t to_width, float* to) {
  const std::size_t n = from.size();
  for (std::size_t i = 0; i < n; ++i) {
    const float middle = 0.75F * from[i];
    const std::size_t column = 2 * i;
    to[column] = middle + 0.25F * from[i == 0 ? n - 1 : i - 1];
    if (column + 1 < to_width) to[column + 1] = middle + 0.25F * from[i + 1 == n ? 0 : i + 1];
  }
}

Field subdivide(const Field& coarse, GridSize size) {
  Field fine{size, std::vector<float>(size.pixels())};
  const auto coarse_width = static_cast<std::size_t>(coarse.size.width_px);
  const auto width = static_cast<std::size_t>(size.width_px);
  const int rows = coarse.size.height_px;
  std::vector<float> blended(coarse_width);
  for (int row = 0; row < size.height_px; ++row) {
    const int near = row / 2;
    const int far = (row % 2 == 0 ? near + rows - 1 : near + 1) % rows;
    const float* a = coarse.values.data() + static_cast<std::size_t>(near) * coarse_width;
    const float* b = coarse.values.data() + static_cast<std::size_t>(far) * coarse_width;
    for (std::size_t i = 0; i < coarse_width; ++i) blended[i] = 0.75F * a[i] + 0.25F * b[i];
    split_row(blended, width, fine.values.data() + static_cast<std::size_t>(row) * width);
  }
  return fine;
}

void standardise(Field& field) {
  double sum = 0;
  double squares = 0;
  for (const float value : field.values) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const double n = static_cast<double>(field.values.size());
  const double mean = sum / n;
  const double deviation = std::sqrt(std::max(squares / n - mean * mean, 1e-12));
  const auto offset = static_cast<float>(mean);
  const auto scale = static_cast<float>(1 / deviation);
  for (float& value : field.values) value = (value - offset) * scale;
}

/// Displaced position to texture cell and weight of the next one; `mask` wraps.
struct Cell {
  std::size_t here;
  std::size_t next;
  float weight;
};

Cell cell_at(float position, std::size_t mask) {
  const float below = std::floor(position);
  const auto index = static_cast<std::size_t>(static_cast<std::int64_t>(below));
  return {index & mask, (index + 1) & mask, position - below};
}

}  // namespace

Field fractal_field(GridSize size, const FractalOptions& options) {
  CM_CHECK(size.height_px > 0 && size.width_px > 0);
  const int top = std::max(0, static_cast<int>(std::lround(std::log2(options.largest_px / 2))));
  const int bottom = std::clamp(static_cast<int>(std::lround(std::log2(options.smallest_px / 2))), 0, top);
  FastNoise noise(options.seed);
  Field field{{cells_at(size.height_px, top), cells_at(size.width_px, top)}, {}};
  field.values.assign(field.size.pixels(), 0.0F);
  float amplitude = 1;
  for (int level = top; level >= 0; --level) {
    if (level < top) field = subdivide(field, {cells_at(size.height_px, level), cells_at(size.width_px, level)});
    if (level < bottom) continue;
    for (float& value : field.values) value += amplitude * noise();
    amplitude *= std::exp2(-options.roughness_exponent);
  }
  standardise(field);
  return field;
}

Field flowing_field(const Flow& flow, const Mapping& mapping, const FractalOptions& options) {
  const GridSize size = flow.along_px.size;
  const double diagonal_px = std::hypot(size.height_px, size.width_px) + 128;
  const auto rounded = [](double length) { return static_cast<int>(std::bit_ceil(static_cast<unsigned>(length))); };
  const Field texture =
      fractal_field({rounded(diagonal_px), rounded(diagonal_px / static_cast<double>(mapping.stretch))}, options);
  const auto texture_width = static_cast<std::size_t>(texture.size.width_px);
  const std::size_t row_mask = static_cast<std::size_t>(texture.size.height_px) - 1;
  const float cosine = std::cos(mapping.angle_rad);
  const float sine = std::sin(mapping.angle_rad);
  const float squeeze = 1 / mapping.stretch;

  Field field{size, std::vector<float>(size.pixels())};
  std::size_t pixel = 0;
  for (int row = 0; row < size.height_px; ++row) {
    for (int column = 0; column < size.width_px; ++column, ++pixel) {
      const float x = static_cast<float>(column) + mapping.bend * flow.along_px[pixel];
      const float y = static_cast<float>(row) + mapping.bend * flow.across_px[pixel];
      const Cell u = cell_at((cosine * x + sine * y) * squeeze, texture_width - 1);
      const Cell v = cell_at(cosine * y - sine * x, row_mask);
      const float* upper = texture.values.data() + v.here * texture_width;
      const float* lower = texture.values.data() + v.next * texture_width;
      const float above = upper[u.here] + u.weight * (upper[u.next] - upper[u.here]);
      const float below = lower[u.here] + u.weight * (lower[u.next] - lower[u.here]);
      field[pixel] = above + v.weight * (below - above);
    }
  }
  standardise(field);
  return field;
}

float value_exceeded_by(const Field& field, double fraction) {
  constexpr std::size_t kStep = 61;  // prime: does not beat with the width
  std::vector<float> sample;
  sample.reserve(field.values.size() / kStep + 1);
  for (std::size_t i = 0; i < field.values.size(); i += kStep) sample.push_back(field.values[i]);
  const double position = (1 - std::clamp(fraction, 0.0, 1.0)) * static_cast<double>(sample.size() - 1);
  const auto nth = sample.begin() + static_cast<std::ptrdiff_t>(position);
  std::nth_element(sample.begin(), nth, sample.end());
  return *nth;
}

Field box_mean(const Field& field, int radius_px) {
  const int height = field.size.height_px;
  const int width = field.size.width_px;
  const auto stride = static_cast<std::size_t>(width);
  Field rows = field;
  for (int row = 0; row < height; ++row) {
    const float* from = field.values.data() + static_cast<std::size_t>(row) * stride;
    float* to = rows.values.data() + static_cast<std::size_t>(row) * stride;
    float sum = 0;
    int count = 0;
    for (int column = -radius_px; column < width; ++column) {
      if (column + radius_px < width) sum += from[column + radius_px], ++count;
      if (column - radius_px - 1 >= 0) sum -= from[column - radius_px - 1], --count;
      if (column >= 0) to[column] = sum / static_cast<float>(count);
    }
  }
  Field result{field.size, std::vector<float>(field.size.pixels())};
  std::vector<float> sums(stride, 0.0F);
  int count = 0;
  for (int row = -radius_px; row < height; ++row) {
    const bool enters = row + radius_px < height;
    const bool leaves = row - radius_px - 1 >= 0;
    count += (enters ? 1 : 0) - (leaves ? 1 : 0);
    if (enters) {
      const float* in = rows.values.data() + static_cast<std::size_t>(row + radius_px) * stride;
      for (std::size_t i = 0; i < stride; ++i) sums[i] += in[i];
    }
    if (leaves) {
      const float* out = rows.values.data() + static_cast<std::size_t>(row - radius_px - 1) * stride;
      for (std::size_t i = 0; i < stride; ++i) sums[i] -= out[i];
    }
    if (row < 0) continue;
    float* to = result.values.data() + static_cast<std::size_t>(row) * stride;
    for (std::size_t i = 0; i < stride; ++i) to[i] = sums[i] / static_cast<float>(count);
  }
  return result;
}

Field contrast(const Field& field, int distance_px) {
  const int height = field.size.height_px;
  const int width = field.size.width_px;
  Field result{field.size, std::vector<float>(field.size.pixels())};
  const auto at = [&](int row, int column) {
    return field
        .values[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)];
  };
  std::size_t pixel = 0;
  for (int row = 0; row < height; ++row) {
    const int up = std::max(0, row - distance_px);
    const int down = std::min(height - 1, row + distance_px);
    for (int column = 0; column < width; ++column, ++pixel) {
      const int left = std::max(0, column - distance_px);
      const int right = std::min(width - 1, column + distance_px);
      result[pixel] = std::max(std::abs(at(row, right) - at(row, left)), std::abs(at(down, column) - at(up, column)));
    }
  }
  return result;
}

}  // namespace cloudmask::synthetic
