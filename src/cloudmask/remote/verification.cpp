#include "cloudmask/remote/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "cloudmask/remote/digest.h"
#include "cloudmask/remote/fault.h"
#include "cloudmask/remote/object_key.h"
#include "cloudmask/remote/range_set.h"

namespace cloudmask {
namespace {

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kMostParts = 10000;  // of S3
constexpr std::array<std::pair<const char*, DigestKind>, 5> kChecksums = {{{"sha256", DigestKind::kSha256},
                                                                           {"sha1", DigestKind::kSha1},
                                                                           {"crc64nvme", DigestKind::kCrc64Nvme},
                                                                           {"crc32c", DigestKind::kCrc32c},
                                                                           {"crc32", DigestKind::kCrc32}}};

bool is_md5(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string digest_of(int descriptor, const RemoteObject& object, ByteRange range, DigestKind kind) {
  try {
    return digest_of_part(descriptor, range, kind);
  } catch (const Error& error) {
    throw Error(printable(object.key) + ": " + error.what());
  }
}

std::string md5_of_parts(int descriptor, const RemoteObject& object, std::uint64_t part_bytes) {
  std::string digests;
  for (const ByteRange& part : split({{0, object.bytes}}, part_bytes)) {
    digests += digest_of(descriptor, object, part, DigestKind::kMd5);
  }
  return to_hex(digest_of_text(digests, DigestKind::kMd5));
}

ObjectDetails look_if_allowed(const RemoteObject& object, const std::function<ObjectDetails()>& look) {
  try {
    ObjectDetails details = look();
    // Of another object by now? Then its checksums say nothing of this one.
    if (details.object.etag == object.etag && details.object.bytes == object.bytes) return details;
  } catch (const StoreFault& fault) {
    if (fault.kind() == FaultKind::kTransient) throw;
  }
  return {.object = object, .checksums = {}};
}

}  // namespace

std::string_view to_string(Proof proof) {
  constexpr std::array<std::string_view, kProofs> kNames = {"md5", "checksum", "multipart_etag", "size_only"};
  return kNames.at(static_cast<std::size_t>(proof));
}

std::optional<std::string> md5_of_etag(std::string_view etag) {
  if (!is_md5(etag)) return std::nullopt;
  return std::string(etag);
}

std::optional<MultipartEtag> multipart_etag(std::string_view etag) {
  if (etag.size() < 34 || etag[32] != '-' || !is_md5(etag.substr(0, 32))) return std::nullopt;
  const std::string_view digits = etag.substr(33);
  std::uint64_t parts = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), parts);
  if (fault != std::errc() || end != digits.data() + digits.size() || parts < 1 || parts > kMostParts) {
    return std::nullopt;
  }
  return MultipartEtag{std::string(etag.substr(0, 32)), parts};
}

std::vector<std::uint64_t> likely_part_bytes(std::uint64_t bytes, std::uint64_t parts) {
  const auto fits = [&](std::uint64_t part_bytes) { return (bytes + part_bytes - 1) / part_bytes == parts; };
  std::vector<std::uint64_t> sizes;
  for (const std::uint64_t mib : {8, 5, 15, 16, 10, 20, 25, 32, 50, 64, 100, 128, 200, 256, 500, 512, 1024}) {
    if (fits(mib * kMiB)) sizes.push_back(mib * kMiB);
  }
  if (parts == 1 && sizes.empty()) return {bytes};
  // Programs that must not exceed ten thousand parts round up to whole MiB.
  const std::uint64_t rounded = ((bytes + parts - 1) / parts + kMiB - 1) / kMiB * kMiB;
  if (rounded > 0 && fits(rounded) && std::find(sizes.begin(), sizes.end(), rounded) == sizes.end())
    sizes.push_back(rounded);
  return sizes;
}

Verification verify(int descriptor, const RemoteObject& object, const std::function<ObjectDetails()>& look) {
  const ByteRange whole{0, object.bytes};
  const auto wanted_md5 = md5_of_etag(object.etag);
  std::string md5;
  if (wanted_md5) {
    md5 = to_hex(digest_of(descriptor, object, whole, DigestKind::kMd5));
    if (md5 == *wanted_md5) return {.proof = Proof::kMd5, .detail = ""};
  }
  const ObjectDetails details = look_if_allowed(object, look);
  for (const auto& [name, kind] : kChecksums) {
    const auto wanted = details.checksums.find(name);
    if (wanted == details.checksums.end()) continue;
    const std::string found = to_base64(digest_of(descriptor, object, whole, kind));
    return {.differs = found != wanted->second,
            .proof = Proof::kChecksum,
            .detail = fmt::format("{} is {}, the store says {}", name, found, printable(wanted->second))};
  }
  if (wanted_md5 && !details.etag_is_opaque) {
    return {
        .differs = true, .proof = Proof::kMd5, .detail = fmt::format("MD5 is {}, the store says {}", md5, *wanted_md5)};
  }
  if (const auto multipart = multipart_etag(object.etag); multipart && !details.etag_is_opaque) {
    for (const std::uint64_t part_bytes : likely_part_bytes(object.bytes, multipart->parts)) {
      if (md5_of_parts(descriptor, object, part_bytes) == multipart->md5)
        return {.proof = Proof::kMultipartEtag, .detail = ""};
    }
  }
  return {};
}

}  // namespace cloudmask
