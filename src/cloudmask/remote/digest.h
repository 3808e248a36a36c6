#pragma once

#include <string>
#include <string_view>

#include "cloudmask/base/byte_range.h"

namespace cloudmask {

enum class DigestKind { kMd5, kSha1, kSha256, kCrc32, kCrc32c, kCrc64Nvme };

/// Of a part of an open file; the raw digest, checksums with their most significant byte first, as S3 writes them.
/// Throws Error, which does not name the file: it is shorter or cannot be read.
std::string digest_of_part(int descriptor, ByteRange part, DigestKind kind);

std::string digest_of_text(std::string_view text, DigestKind kind);

std::string to_hex(std::string_view bytes);     ///< lower case
std::string to_base64(std::string_view bytes);  ///< RFC 4648, with padding

}  // namespace cloudmask
