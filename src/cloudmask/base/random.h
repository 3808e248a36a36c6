#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

namespace cloudmask {

/// The numbers of `numpy.random.RandomState(seed)`: Mersenne Twister 19937 seeded by init_genrand.
/// Source: Matsumoto and Nishimura, ACM TOMACS 8 (1998); NumPy's legacy `shuffle` and masked-rejection `interval`.
/// Needed because the reference splits its scenes with scikit-learn, which permutes with NumPy.
class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed);

  std::uint32_t next_uint32();

  /// RandomState.permutation(n).
  std::vector<std::int64_t> permutation(std::int64_t n);

 private:
  std::uint64_t interval(std::uint64_t maximum);

  std::array<std::uint32_t, 624> state_{};
  std::size_t position_ = 624;
};

/// Small, fast generator for everything that need not equal NumPy: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
/// The same seed gives the same numbers on every machine. Satisfies UniformRandomBitGenerator, but use the members
/// below: the distributions of the standard library differ between implementations.
class Random {
 public:
  using result_type = std::uint64_t;
  explicit Random(std::uint64_t seed) : state_(seed) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()();

  /// [0, 1)
  double uniform();
  /// [low, high)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// [0, n), n > 0; without modulo bias that matters for n < 2^32.
  std::uint64_t below(std::uint64_t n);
  /// Mean 0, standard deviation 1 (Box and Muller 1958).
  double normal();

  /// Fisher-Yates.
  template <typename T>
  void shuffle(std::vector<T>& values) {
    shuffle(std::span(values));
  }
  template <typename T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::uint64_t state_;
};

/// One seed from several numbers (seed, epoch, rank, ...): streams that do not overlap in practice.
std::uint64_t mix_seed(std::initializer_list<std::uint64_t> parts);

}  // namespace cloudmask
