#include "cloudmask/base/random.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "cloudmask/base/error.h"

namespace cloudmask {

NumpyRandom::NumpyRandom(std::uint32_t seed) {
  for (std::size_t i = 0; i < state_.size(); ++i) {
    state_[i] = seed;
    seed = 1812433253U * (seed ^ (seed >> 30)) + static_cast<std::uint32_t>(i) + 1;
  }
}

std::uint32_t NumpyRandom::next_uint32() {
  constexpr std::size_t kSize = 624;
  constexpr std::size_t kShift = 397;
  if (position_ == kSize) {
    for (std::size_t i = 0; i < kSize; ++i) {
      const std::uint32_t mixed = (state_[i] & 0x80000000U) | (state_[(i + 1) % kSize] & 0x7fffffffU);
      state_[i] = state_[(i + kShift) % kSize] ^ (mixed >> 1) ^ ((mixed & 1U) != 0 ? 0x9908b0dfU : 0U);
    }
    position_ = 0;
  }
  std::uint32_t value = state_[position_++];
  value ^= value >> 11;
  value ^= (value << 7) & 0x9d2c5680U;
  value ^= (value << 15) & 0xefc60000U;
  return value ^ (value >> 18);
}

std::uint64_t NumpyRandom::interval(std::uint64_t maximum) {
  std::uint64_t mask = maximum;
  for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
  for (;;) {
    std::uint64_t value = next_uint32();
    if (maximum > 0xffffffffU) value = (value << 32) | next_uint32();
    value &= mask;
    if (value <= maximum) return value;
  }
}

std::vector<std::int64_t> NumpyRandom::permutation(std::int64_t n) {
  CM_CHECK(n >= 0);
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 0);
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[interval(i - 1)]);
  return values;
}

Random::result_type Random::operator()() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

double Random::uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

std::uint64_t Random::below(std::uint64_t n) {
  CM_CHECK(n > 0);
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((Wide{(*this)()} * n) >> 64);
}

double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::uint64_t mix_seed(std::initializer_list<std::uint64_t> parts) {
  std::uint64_t seed = 0;
  for (const std::uint64_t part : parts) seed = Random(seed ^ Random(part)())();
  return seed;
}

}  // namespace cloudmask
