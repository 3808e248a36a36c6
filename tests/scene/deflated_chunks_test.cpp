#include "cloudmask/scene/deflated_chunks.h"

#include <gtest/gtest.h>

#include <numeric>

#include "cloudmask/scene/hdf5_io.h"

namespace cloudmask {
namespace {

// 100 of the longest axis go into a chunk.
const std::vector<std::vector<hsize_t>> kShapes = {{7, 250}, {250, 7}, {100, 3}, {5, 5}, {1, 130, 90, 1}, {130, 5, 6}};

template <typename Number>
std::vector<Number> numbers_for(const std::vector<hsize_t>& shape) {
  std::vector<Number> numbers(std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>()));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<Number>(i * 7919 % 251);
  return numbers;
}

template <typename Number>
void expect_kept(hid_t type) {
  for (const auto& shape : kShapes) {
    const auto numbers = numbers_for<Number>(shape);
    std::string image;
    for (int twice = 0; twice < 2; ++twice) {
      const Hdf5Lock lock;
      const Hdf5Handle file = create_hdf5_in_memory();
      {
        const Hdf5Handle dataset =
            write_dataset("memory", file.get(), {"numbers", shape, type, /*deflate_level=*/1}, numbers.data());
        std::vector<Number> found(numbers.size());
        ASSERT_GE(H5Dread(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found.data()), 0);
        EXPECT_EQ(found, numbers) << shape[0] << " x " << shape[1];
      }
      const std::string made = hdf5_image(file);
      EXPECT_TRUE(image.empty() || image == made) << "the same values give the same bytes";
      image = made;
    }
  }
}

TEST(DeflatedChunks, HoldWhatTheLibraryReads) {
  expect_kept<float>(H5T_NATIVE_FLOAT);
  expect_kept<std::int32_t>(H5T_NATIVE_INT32);
  expect_kept<std::uint16_t>(H5T_NATIVE_UINT16);
  expect_kept<std::int8_t>(H5T_NATIVE_INT8);
}

}  // namespace
}  // namespace cloudmask
