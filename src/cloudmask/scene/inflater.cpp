#include "cloudmask/scene/inflater.h"

#include <libdeflate.h>

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

}  // namespace cloudmask
