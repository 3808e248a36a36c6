"""Writes numpy_baseline.h: numbers of numpy.random.RandomState that tests/base/random_test.cpp compares with.

Needs NumPy (any version: these streams are frozen).
Usage: python3 tests/baseline/make_numpy_baseline.py > tests/baseline/numpy_baseline.h
"""

import numpy as np

SHORT = [(42, 0), (42, 1), (42, 2), (42, 10), (42, 20), (0, 13), (1234, 17), (4294967295, 33), (42, 64)]
LONG = [(42, 970), (7, 70000)]  # 970: the benchmark's training scenes; 70000: the generator refills its state often


def main():
    print("#pragma once\n")
    print("// Written by make_numpy_baseline.py. Do not edit.")
    print("#include <cstdint>\n#include <vector>\n")
    print("namespace cloudmask::numpy_baseline {\n")
    print("struct Permutation {\n  std::uint32_t seed;\n  std::vector<std::int64_t> values;\n};\n")
    print("inline const std::vector<Permutation> kPermutations = {")
    for seed, size in SHORT:
        values = ", ".join(map(str, np.random.RandomState(seed).permutation(size)))
        print(f"    {{{seed}U, {{{values}}}}},")
    print("};\n")
    print("/// Of a long permutation only a checksum is kept: the sum of (i + 1) * values[i].")
    print("struct LongPermutation {\n  std::uint32_t seed;\n  std::int64_t size;\n  std::int64_t checksum;\n};\n")
    print("inline const std::vector<LongPermutation> kLongPermutations = {")
    for seed, size in LONG:
        values = np.random.RandomState(seed).permutation(size).astype(np.int64)
        print(f"    {{{seed}U, {size}, {int(np.sum(np.arange(1, size + 1) * values))}}},")
    print("};\n\n}  // namespace cloudmask::numpy_baseline")


if __name__ == "__main__":
    main()
