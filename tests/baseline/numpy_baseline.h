#pragma once

// Written by make_numpy_baseline.py. Do not edit.
#include <cstdint>
#include <vector>

namespace cloudmask::numpy_baseline {

struct Permutation {
  std::uint32_t seed;
  std::vector<std::int64_t> values;
};

inline const std::vector<Permutation> kPermutations = {
    {42U, {}},
    {42U, {0}},
    {42U, {1, 0}},
    {42U, {8, 1, 5, 0, 7, 2, 9, 4, 3, 6}},
    {42U, {0, 17, 15, 1, 8, 5, 11, 3, 18, 16, 13, 2, 9, 19, 4, 12, 7, 10, 14, 6}},
    {0U, {6, 11, 4, 10, 2, 8, 1, 7, 9, 3, 0, 5, 12}},
    {1234U, {14, 11, 0, 13, 16, 2, 10, 7, 1, 9, 8, 4, 12, 5, 6, 3, 15}},
    {4294967295U, {24, 15, 19, 3,  21, 2,  28, 30, 1,  6,  8,  31, 27, 4,  32, 16, 17,
                   9,  5,  14, 13, 10, 23, 11, 18, 29, 25, 26, 22, 0,  20, 7,  12}},
    {42U, {52, 58, 0,  44, 5,  36, 16, 12, 25, 61, 56, 9,  40, 13, 34, 50, 3,  17, 49, 8,  6,  33,
           4,  47, 19, 54, 41, 55, 31, 30, 59, 60, 15, 27, 26, 24, 46, 11, 32, 57, 45, 37, 29, 43,
           48, 1,  21, 2,  62, 39, 35, 23, 53, 10, 22, 18, 63, 20, 7,  42, 14, 28, 51, 38}},
};

/// Of a long permutation only a checksum is kept: the sum of (i + 1) * values[i].
struct LongPermutation {
  std::uint32_t seed;
  std::int64_t size;
  std::int64_t checksum;
};

inline const std::vector<LongPermutation> kLongPermutations = {
    {42U, 970, 230173927},
    {7U, 70000, 85750336162915},
};

}  // namespace cloudmask::numpy_baseline
