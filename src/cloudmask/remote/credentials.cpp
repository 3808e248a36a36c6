#include "cloudmask/remote/credentials.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"

namespace cloudmask {
namespace {

using Section = std::map<std::string, std::string>;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// The keys below [name]; nothing when the file or the section is missing.
std::optional<Section> read_section(const std::filesystem::path& file, const std::string& name) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  std::istringstream lines(read_file(file));
  std::optional<Section> section;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    line = trimmed(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = trimmed(line.substr(1, line.find(']') - 1)) == name;
      if (inside && !section) section.emplace();
    } else if (const std::size_t equals = line.find('='); inside && equals != std::string::npos) {
      (*section)[trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
  }
  return section;
}

std::filesystem::path file_of(const char* variable, const char* usual) {
  const std::string named = environment(variable);
  return expand_home(named.empty() ? usual : named);
}

}  // namespace

std::optional<Credentials> find_credentials() {
  Credentials found{environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY"),
                    environment("AWS_SESSION_TOKEN")};
  std::string origin = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  if (found.access_key.empty() && found.secret_key.empty()) {
    const std::string profile = environment("AWS_PROFILE");
    const std::filesystem::path file = file_of("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    auto section = read_section(file, profile.empty() ? "default" : profile);
    if (!section && profile.empty()) return std::nullopt;
    if (!section) throw UsageError("AWS_PROFILE: " + file.string() + " has no profile '" + profile + "'");
    found = {(*section)["aws_access_key_id"], (*section)["aws_secret_access_key"], (*section)["aws_session_token"]};
    origin = file.string();
  }
  if (found.access_key.empty() || found.secret_key.empty()) {
    throw UsageError(origin + ": a key and its secret go together, one is missing; --anonymous does without");
  }
  return found;
}

std::string find_region() {
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string region = environment(variable); !region.empty()) return region;
  }
  const std::string profile = environment("AWS_PROFILE");
  const bool usual = profile.empty() || profile == "default";
  auto section = read_section(file_of("AWS_CONFIG_FILE", "~/.aws/config"), usual ? "default" : "profile " + profile);
  if (section && !(*section)["region"].empty()) return (*section)["region"];
  return "us-east-1";
}

}  // namespace cloudmask
