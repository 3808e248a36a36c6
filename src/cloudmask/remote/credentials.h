#pragma once

#include <optional>
#include <string>

namespace cloudmask {

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  ///< empty: none
};

/// From where AWS's own tools take them: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, else profile
/// AWS_PROFILE (default "default") of ~/.aws/credentials (AWS_SHARED_CREDENTIALS_FILE). None: requests go unsigned.
/// Throws UsageError for half of a pair and for a profile that is named but not there.
std::optional<Credentials> find_credentials();

/// AWS_REGION, AWS_DEFAULT_REGION, or the profile's in ~/.aws/config (AWS_CONFIG_FILE); else us-east-1, which stores
/// other than Amazon's take as a rule. It is part of the signature.
std::string find_region();

}  // namespace cloudmask
