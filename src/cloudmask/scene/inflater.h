#pragma once

#include <cstddef>
#include <memory>

struct libdeflate_decompressor;

namespace cloudmask {

/// Undoes HDF5's deflate filter; one for each thread.
class Inflater {
 public:
  Inflater();

  /// False when `packed` is damaged, or does not hold `plain_bytes` to the byte; never writes more than these.
  bool inflate(const unsigned char* packed, std::size_t packed_bytes, unsigned char* plain, std::size_t plain_bytes);

 private:
  struct Release {
    void operator()(libdeflate_decompressor* decompressor) const;
  };
  std::unique_ptr<libdeflate_decompressor, Release> decompressor_;
};

}  // namespace cloudmask
