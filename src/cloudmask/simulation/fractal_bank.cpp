#include "cloudmask/simulation/fractal_bank.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace cloudmask {
namespace {

constexpr int kTextures = 3;
constexpr int kFieldsATexture = 3;
constexpr std::size_t kSide_px = 512;  // a power of two: positions wrap by a mask
constexpr std::size_t kWrap = kSide_px - 1;
constexpr std::size_t kOctaves = 7;

// Mean over 2 * radius_px + 1 numbers of a ring of kSide_px, `stride` apart.
void blur_ring(float* values, std::size_t stride, std::size_t radius_px, std::vector<float>& ring) {
  ring.resize(kSide_px);
  for (std::size_t i = 0; i < kSide_px; ++i) ring[i] = values[i * stride];
  double sum = 0;
  for (std::size_t i = 0; i <= 2 * radius_px; ++i) sum += static_cast<double>(ring[(i - radius_px) & kWrap]);
  const double share = 1.0 / static_cast<double>(2 * radius_px + 1);
  for (std::size_t i = 0; i < kSide_px; ++i) {
    values[i * stride] = static_cast<float>(sum * share);
    sum += static_cast<double>(ring[(i + radius_px + 1) & kWrap]) - static_cast<double>(ring[(i - radius_px) & kWrap]);
  }
}

void standardise(std::vector<float>& field) {
  double sum = 0;
  double squares = 0;
  for (const float value : field) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const auto count = static_cast<double>(field.size());
  const double mean = sum / count;
  const double scale = 1 / std::sqrt(squares / count - mean * mean);
  for (float& value : field) value = static_cast<float>((static_cast<double>(value) - mean) * scale);
}

// White noise, twice averaged over a box: structures of about the box's size.
std::vector<float> octave(std::size_t along_px, std::size_t across_px, Random& random) {
  std::vector<float> field(kSide_px * kSide_px);
  for (float& value : field) value = static_cast<float>(random.uniform(-1, 1));
  std::vector<float> ring;
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t line = 0; line < kSide_px; ++line) {
      if (along_px > 0) blur_ring(&field[line * kSide_px], 1, along_px, ring);
      if (across_px > 0) blur_ring(&field[line], kSide_px, across_px, ring);
    }
  }
  standardise(field);
  return field;
}

std::vector<float> make_field(FractalBank::Texture texture, Random& random) {
  const float fall = texture == FractalBank::Texture::kSmooth ? 0.7F : 1.0F / 3;
  const std::size_t stretch = texture == FractalBank::Texture::kStreaks ? 5 : 1;
  std::vector<float> field(kSide_px * kSide_px, 0.0F);
  for (std::size_t i = 0; i < kOctaves; ++i) {
    const std::size_t radius_px = (std::size_t{1} << i) / 2;
    const auto values = octave(radius_px * stretch, radius_px, random);
    const float weight = std::exp2(fall * static_cast<float>(i));
    for (std::size_t pixel = 0; pixel < field.size(); ++pixel) field[pixel] += weight * values[pixel];
  }
  standardise(field);
  return field;
}

}  // namespace

FractalBank::FractalBank(std::uint64_t seed) {
  Random random(seed);
  for (int texture = 0; texture < kTextures; ++texture) {
    for (int i = 0; i < kFieldsATexture; ++i) {
      fields_.push_back(make_field(static_cast<Texture>(texture), random));
    }
  }
}

std::vector<float> FractalBank::piece(Texture texture, float magnification, int size_px, Random& random) const {
  const auto& field = fields_[static_cast<std::size_t>(texture) * kFieldsATexture + random.below(kFieldsATexture)];
  const double angle_rad = random.uniform(0, 2 * std::numbers::pi);
  const auto cosine = static_cast<float>(std::cos(angle_rad)) / magnification;
  const auto sine = static_cast<float>(std::sin(angle_rad)) / magnification;
  // Far enough from 0 for all positions to be positive.
  const float far = 1024.0F * kSide_px;
  const float x_0 = far + static_cast<float>(random.below(kSide_px));
  const float y_0 = far + static_cast<float>(random.below(kSide_px));
  std::vector<float> values(static_cast<std::size_t>(size_px) * static_cast<std::size_t>(size_px));
  std::size_t i = 0;
  for (int row = 0; row < size_px; ++row) {
    for (int column = 0; column < size_px; ++column, ++i) {
      const float x = x_0 + cosine * static_cast<float>(column) - sine * static_cast<float>(row);
      const float y = y_0 + sine * static_cast<float>(column) + cosine * static_cast<float>(row);
      const auto left = static_cast<std::size_t>(x);
      const auto top = static_cast<std::size_t>(y);
      const float right_share = x - static_cast<float>(left);
      const float bottom_share = y - static_cast<float>(top);
      const float* upper = &field[(top & kWrap) * kSide_px];
      const float* lower = &field[((top + 1) & kWrap) * kSide_px];
      const std::size_t l = left & kWrap;
      const std::size_t r = (left + 1) & kWrap;
      const float above = upper[l] + right_share * (upper[r] - upper[l]);
      const float below = lower[l] + right_share * (lower[r] - lower[l]);
      values[i] = above + bottom_share * (below - above);
    }
  }
  return values;
}

}  // namespace cloudmask
