#include "cloudmask/remote/verification.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <fstream>

#include "cloudmask/base/descriptor.h"
#include "cloudmask/remote/digest.h"
#include "cloudmask/remote/fault.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t kMiB = 1U << 20U;

// Check values of "123456789": RFC 1321, FIPS 180-4 (sha1sum, sha256sum), and Koopman's catalogue of checksums.
TEST(Digest, EqualsThePublishedCheckValues) {
  const std::string text = "123456789";
  EXPECT_EQ(to_hex(digest_of_text(text, DigestKind::kMd5)), "25f9e794323b453885f5181f1b624d0b");
  EXPECT_EQ(to_hex(digest_of_text(text, DigestKind::kSha1)), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
  EXPECT_EQ(to_hex(digest_of_text(text, DigestKind::kSha256)),
            "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
  EXPECT_EQ(to_hex(digest_of_text(text, DigestKind::kCrc32)), "cbf43926");
  EXPECT_EQ(to_hex(digest_of_text(text, DigestKind::kCrc32c)), "e3069283");
  EXPECT_EQ(to_hex(digest_of_text(text, DigestKind::kCrc64Nvme)), "ae8b14860a799888");
  EXPECT_EQ(to_base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
}

TEST(Etag, OnlyThirtyTwoHexDigitsAreAnMd5) {
  EXPECT_EQ(md5_of_etag("25f9e794323b453885f5181f1b624d0b"), "25f9e794323b453885f5181f1b624d0b");
  for (const char* etag : {"", "25f9", "25f9e794323b453885f5181f1b624d0b-2", "25f9e794323b453885f5181f1b624d0g"}) {
    EXPECT_FALSE(md5_of_etag(etag)) << etag;
  }
}

TEST(Etag, OfManyPartsHasTheirNumber) {
  const std::string md5(32, 'a');
  EXPECT_EQ(multipart_etag(md5 + "-21")->parts, 21U);
  EXPECT_EQ(multipart_etag(md5 + "-21")->md5, md5);
  for (const char* ending : {"", "-", "-0", "-x", "-1x", "-10001", "-99999999999999999999"}) {
    EXPECT_FALSE(multipart_etag(md5 + ending)) << ending;
  }
}

TEST(Etag, LikelyPartsAreThoseThatGiveTheirNumber) {
  EXPECT_THAT(likely_part_bytes(168 * 1000 * 1000, 21), ElementsAre(8 * kMiB));
  EXPECT_THAT(likely_part_bytes(8 * kMiB, 1), ::testing::Contains(8 * kMiB));
  EXPECT_THAT(likely_part_bytes(100, 1), ::testing::Contains(8 * kMiB));
  EXPECT_THAT(likely_part_bytes(100, 7), IsEmpty());
  EXPECT_THAT(likely_part_bytes(0, 1), ElementsAre(0));
  EXPECT_THAT(likely_part_bytes(0, 2), IsEmpty());
  EXPECT_THAT(likely_part_bytes(2000 * kMiB, 2000), ElementsAre(kMiB));
}

class Verify : public ::testing::Test {
 protected:
  Verification check(const std::string& content, const std::string& etag, const ObjectDetails& details = {}) {
    const auto path = folder_ / "file";
    std::ofstream(path, std::ios::binary) << content;
    const Descriptor file(::open(path.c_str(), O_RDONLY));
    const RemoteObject object{.key = "k", .bytes = content.size(), .etag = etag};
    return verify(file.get(), object, [&] {
      ++looks_;
      ObjectDetails told = details;
      told.object = object;
      return told;
    });
  }

  TemporaryFolder folder_;
  int looks_ = 0;
};

TEST_F(Verify, ByMd5WithoutAskingTheStoreAgain) {
  const Verification right = check("123456789", "25f9e794323b453885f5181f1b624d0b");
  EXPECT_FALSE(right.differs);
  EXPECT_EQ(right.proof, Proof::kMd5);
  EXPECT_EQ(looks_, 0);
  const Verification wrong = check("123456780", "25f9e794323b453885f5181f1b624d0b");
  EXPECT_TRUE(wrong.differs);
  EXPECT_THAT(wrong.detail, HasSubstr("25f9e794"));
}

TEST_F(Verify, ATagOfAnEncryptedObjectIsNoMd5) {
  ObjectDetails encrypted;
  encrypted.etag_is_opaque = true;
  const Verification unknown = check("123456789", std::string(32, 'a'), encrypted);
  EXPECT_FALSE(unknown.differs);
  EXPECT_EQ(unknown.proof, Proof::kSizeOnly);
}

TEST_F(Verify, ByEachChecksumThatStoresOffer) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"crc32", "y/Q5Jg=="},
                                          {"crc32c", "4waSgw=="},
                                          {"crc64nvme", "rosUhgp5mIg="},
                                          {"sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="},
                                          {"sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="}}) {
    ObjectDetails details;
    details.checksums[name] = value;
    const Verification right = check("123456789", "opaque", details);
    EXPECT_FALSE(right.differs) << name << right.detail;
    EXPECT_EQ(right.proof, Proof::kChecksum);
    EXPECT_TRUE(check("12345678", "opaque", details).differs) << name;
  }
}

TEST_F(Verify, ByPartsOfTheUsualSizes) {
  const std::string content(9 * kMiB, 'x');
  const std::string digests = digest_of_text(content.substr(0, 5 * kMiB), DigestKind::kMd5) +
                              digest_of_text(content.substr(5 * kMiB), DigestKind::kMd5);
  const std::string etag = to_hex(digest_of_text(digests, DigestKind::kMd5)) + "-2";
  EXPECT_EQ(check(content, etag).proof, Proof::kMultipartEtag);
  // Nobody knows the parts' size for sure: no proof is not a difference.
  const Verification unknown = check(content, std::string(32, 'a') + "-2");
  EXPECT_FALSE(unknown.differs);
  EXPECT_EQ(unknown.proof, Proof::kSizeOnly);
}

TEST_F(Verify, AStoreThatDoesNotTellMoreLeavesTheSize) {
  const auto path = folder_ / "file";
  std::ofstream(path) << "x";
  const Descriptor file(::open(path.c_str(), O_RDONLY));
  const RemoteObject object{.key = "k", .bytes = 1, .etag = "opaque"};
  const auto refuse = []() -> ObjectDetails { throw StoreFault(FaultKind::kDenied, "HTTP status 403"); };
  EXPECT_EQ(verify(file.get(), object, refuse).proof, Proof::kSizeOnly);
}

}  // namespace
}  // namespace cloudmask
