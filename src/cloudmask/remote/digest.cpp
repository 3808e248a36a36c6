#include "cloudmask/remote/digest.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/base/reflected_crc.h"

namespace cloudmask {
namespace {

constexpr std::size_t kBuffer_bytes = 1U << 18U;

class EvpDigest {
 public:
  explicit EvpDigest(const EVP_MD* kind) { check(EVP_DigestInit_ex(context_.get(), kind, nullptr)); }
  void add(std::string_view bytes) { check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }
  std::string finish() {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned bytes = 0;
    check(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &bytes));
    digest.resize(bytes);
    return digest;
  }

 private:
  static void check(int done) {
    if (done != 1) throw Error("this system's OpenSSL refuses a digest; is it limited to FIPS algorithms?");
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

template <typename Word, Word kPolynomial>
class CrcDigest {
 public:
  void add(std::string_view bytes) { crc_.add(bytes); }
  std::string finish() const {
    std::string digest;
    for (std::size_t i = sizeof(Word); i-- > 0;) digest.push_back(static_cast<char>(crc_.value() >> (8 * i)));
    return digest;
  }

 private:
  ReflectedCrc<Word, kPolynomial> crc_;
};

/// `feed(digest)` adds the bytes.
template <typename Feed>
std::string digest_of(DigestKind kind, const Feed& feed) {
  const auto finish = [&](auto digest) {
    feed(digest);
    return digest.finish();
  };
  switch (kind) {
    case DigestKind::kMd5:
      return finish(EvpDigest(EVP_md5()));
    case DigestKind::kSha1:
      return finish(EvpDigest(EVP_sha1()));
    case DigestKind::kSha256:
      return finish(EvpDigest(EVP_sha256()));
    case DigestKind::kCrc32:
      return finish(CrcDigest<std::uint32_t, 0xEDB88320U>());
    case DigestKind::kCrc32c:
      return finish(CrcDigest<std::uint32_t, 0x82F63B78U>());
    case DigestKind::kCrc64Nvme:
      break;
  }
  return finish(CrcDigest<std::uint64_t, 0x9A6C9329AC4BC9B5ULL>());
}

}  // namespace

std::string digest_of_part(int descriptor, ByteRange part, DigestKind kind) {
  return digest_of(kind, [&](auto& digest) {
    std::vector<char> buffer(std::min<std::uint64_t>(kBuffer_bytes, part.bytes));
    for (std::uint64_t at = 0; at < part.bytes;) {
      const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), part.bytes - at);
      const ssize_t got = ::pread(descriptor, buffer.data(), wanted, static_cast<off_t>(part.offset + at));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw Error("cannot read it back: " + std::generic_category().message(errno));
      if (got == 0) throw Error("cannot read it back: it became shorter");
      digest.add({buffer.data(), static_cast<std::size_t>(got)});
      at += static_cast<std::uint64_t>(got);
    }
  });
}

std::string digest_of_text(std::string_view text, DigestKind kind) {
  return digest_of(kind, [&](auto& digest) { digest.add(text); });
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += {kDigits[value >> 4U], kDigits[value & 0xFU]};
  }
  return text;
}

std::string to_base64(std::string_view bytes) {
  std::vector<unsigned char> text(4 * ((bytes.size() + 2) / 3) + 1);  // a final zero
  const int size = EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

}  // namespace cloudmask
