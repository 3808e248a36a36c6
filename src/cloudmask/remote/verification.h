#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/remote/s3_store.h"

namespace cloudmask {

/// What a file was compared with, beside its size.
enum class Proof {
  kMd5,            ///< the ETag, which is the MD5 of objects that were stored in one piece
  kChecksum,       ///< an x-amz-checksum of the whole object
  kMultipartEtag,  ///< the ETag of an object stored in parts, of a size that fits
  kSizeOnly,       ///< the store offers nothing that could be compared
};
inline constexpr int kProofs = 4;
std::string_view to_string(Proof proof);  ///< "md5", "checksum", "multipart_etag", "size_only"

struct Verification {
  bool differs = false;  ///< the file is not the object
  Proof proof = Proof::kSizeOnly;
  std::string detail;  ///< of a difference: what was found and wanted
};

/// Compares an open file of the object's size with what the store says of its content. `look` asks the store for more
/// where the ETag is no MD5 that fits.
Verification verify(int descriptor, const RemoteObject& object, const std::function<ObjectDetails()>& look);

/// The MD5 that an ETag is, in hex; nothing for ETags of other kinds.
std::optional<std::string> md5_of_etag(std::string_view etag);

/// "<MD5 over the MD5s of the parts>-<parts>"
struct MultipartEtag {
  std::string md5;
  std::uint64_t parts = 0;
};
std::optional<MultipartEtag> multipart_etag(std::string_view etag);

/// Sizes of parts that programs use by default or round to, and that cut so many bytes into so many parts.
std::vector<std::uint64_t> likely_part_bytes(std::uint64_t bytes, std::uint64_t parts);

}  // namespace cloudmask
