#include "cloudmask/remote/credentials.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;

class AwsFiles : public ::testing::Test {
 protected:
  AwsFiles() {
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
                             "AWS_REGION", "AWS_DEFAULT_REGION"}) {
      ::unsetenv(name);
    }
    ::setenv("AWS_SHARED_CREDENTIALS_FILE", (folder_ / "credentials").c_str(), 1);
    ::setenv("AWS_CONFIG_FILE", (folder_ / "config").c_str(), 1);
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  TemporaryFolder folder_;
};

TEST_F(AwsFiles, NoneAreNoFault) {
  EXPECT_FALSE(find_credentials());
  EXPECT_EQ(find_region(), "us-east-1");
}

TEST_F(AwsFiles, TheEnvironmentWinsOverTheFile) {
  write("credentials", "[default]\naws_access_key_id = file\naws_secret_access_key = s\n");
  EXPECT_EQ(find_credentials()->access_key, "file");
  ::setenv("AWS_ACCESS_KEY_ID", "environment", 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
  ::setenv("AWS_SESSION_TOKEN", "t", 1);
  EXPECT_EQ(find_credentials()->access_key, "environment");
  EXPECT_EQ(find_credentials()->session_token, "t");
}

TEST_F(AwsFiles, AProfileIsASectionOfBothFiles) {
  write("credentials",
        "# mine\r\n[default]\r\naws_access_key_id=a\r\naws_secret_access_key=b\r\n[ other ]\r\n"
        "aws_access_key_id = c\r\naws_secret_access_key = d=/+\r\naws_session_token = e\r\n");
  write("config", "[default]\nregion = eu-west-1\n[profile other]\nregion = eu-west-2\n");
  EXPECT_EQ(find_region(), "eu-west-1");
  ::setenv("AWS_PROFILE", "other", 1);
  EXPECT_EQ(find_credentials()->secret_key, "d=/+");
  EXPECT_EQ(find_credentials()->session_token, "e");
  EXPECT_EQ(find_region(), "eu-west-2");
  ::setenv("AWS_REGION", "here", 1);
  EXPECT_EQ(find_region(), "here");
}

TEST_F(AwsFiles, HalfAPairAndAMissingProfileAreNamed) {
  write("credentials", "[default]\naws_access_key_id = a\n");
  EXPECT_THAT(fault_of([] { find_credentials(); }), HasSubstr("credentials: a key and its secret"));
  ::setenv("AWS_PROFILE", "absent", 1);
  EXPECT_THAT(fault_of([] { find_credentials(); }), HasSubstr("no profile 'absent'"));
  ::setenv("AWS_ACCESS_KEY_ID", "a", 1);
  EXPECT_THAT(fault_of([] { find_credentials(); }), HasSubstr("AWS_SECRET_ACCESS_KEY"));
}

}  // namespace
}  // namespace cloudmask
