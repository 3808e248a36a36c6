#include "cloudmask/remote/object_key.h"

#include <fmt/format.h>

#include <array>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

constexpr std::size_t kLongestKey_bytes = 1024;  // of S3
constexpr std::size_t kLongestName_bytes = 255;  // of Linux file systems

/// Bytes of the UTF-8 character that the text begins with; 0 when it is none (Unicode 15, table 3-7).
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t bytes = first >= 0xC2 && first < 0xE0   ? 2
                            : first >= 0xE0 && first < 0xF0 ? 3
                            : first >= 0xF0 && first < 0xF5 ? 4
                                                            : 0;
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90)) return 0;
  return bytes;
}

/// C0, DEL, and C1 (U+0080 to U+009F), which terminals obey too.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return character.size() == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

void require_plain_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 0) throw Error("it is not UTF-8");
    if (is_control(text.substr(0, bytes))) throw Error("it has a control character");
    if (text[0] == '\\') throw Error("it has a backslash");
    text.remove_prefix(bytes);
  }
}

void require_plain_part(std::string_view part) {
  if (part.empty()) throw Error("a part between its slashes is empty");
  if (part == "." || part == "..") throw Error(fmt::format("it has a part '{}'", part));
  if (part.size() > kLongestName_bytes) throw Error(fmt::format("a part is longer than {} bytes", kLongestName_bytes));
}

}  // namespace

std::filesystem::path path_of_key(std::string_view key, std::string_view prefix) {
  if (key.size() > kLongestKey_bytes) throw Error(fmt::format("it is longer than {} bytes", kLongestKey_bytes));
  if (!key.starts_with(prefix)) throw Error("it was not asked for: it does not begin with the prefix");
  const std::size_t folder_end = prefix.rfind('/');
  const std::string_view relative = folder_end == std::string_view::npos ? key : key.substr(folder_end + 1);
  require_plain_text(relative);
  for (std::size_t at = 0; at <= relative.size();) {
    const std::size_t end = std::min(relative.find('/', at), relative.size());
    require_plain_part(relative.substr(at, end - at));
    at = end + 1;
  }
  if (relative == kStateFolder || relative.starts_with(std::string(kStateFolder) + "/")) {
    throw Error("its name is that of the folder for unfinished files");
  }
  return relative;
}

bool is_folder_marker(std::string_view key, std::uint64_t bytes) { return bytes == 0 && key.ends_with('/'); }

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes != 0 && !is_control(text.substr(0, bytes))) {
      shown += text.substr(0, bytes);
      text.remove_prefix(bytes);
    } else {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
    }
  }
  return shown;
}

}  // namespace cloudmask
