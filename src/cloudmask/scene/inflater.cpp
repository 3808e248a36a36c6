#include "cloudmask/scene/inflater.h"

#include <libdeflate.h>

#include <bit>
#include <cstdint>
#include <new>

namespace cloudmask {

Inflater::Inflater() : decompressor_(libdeflate_alloc_decompressor()) {
  if (!decompressor_) throw std::bad_alloc();
}

void Inflater::Release::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

bool Inflater::inflate(const unsigned char* packed, std::size_t packed_bytes, unsigned char* plain,
                       std::size_t plain_bytes) {
  std::size_t found_bytes = 0;
  const auto result =
      libdeflate_zlib_decompress(decompressor_.get(), packed, packed_bytes, plain, plain_bytes, &found_bytes);
  return result == LIBDEFLATE_SUCCESS && found_bytes == plain_bytes;
}

void unshuffle(const unsigned char* planes, std::size_t plane_bytes, std::size_t first, std::size_t count,
               float* __restrict out) {
  const unsigned char* const byte0 = planes + first;
  const unsigned char* const byte1 = byte0 + plane_bytes;
  const unsigned char* const byte2 = byte1 + plane_bytes;
  const unsigned char* const byte3 = byte2 + plane_bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t low = byte0[i] | static_cast<std::uint32_t>(byte1[i]) << 8U;
    const std::uint32_t high = byte2[i] | static_cast<std::uint32_t>(byte3[i]) << 8U;
    out[i] = std::bit_cast<float>(low | high << 16U);
  }
}

}  // namespace cloudmask
