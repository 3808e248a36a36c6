#include "cloudmask/config/key_kinds.h"

#include <algorithm>
#include <cctype>

namespace cloudmask::key_kinds {
namespace {

/// The whole text as a number; a leading plus sign is allowed, as in YAML.
template <typename Number>
bool parse_all(const std::string& text, Number& value) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (begin != end && *begin == '+') ++begin;
  if (begin != end && *begin == '-' && begin != text.data()) return false;
  const auto [stop, failure] = std::from_chars(begin, end, value);
  return failure == std::errc() && stop == end;
}

}  // namespace

std::string describe(const WholeRange& range) {
  if (range.min == range.max) return std::to_string(range.min);
  std::string words = range.or_zero ? "0 or a whole number" : "a whole number";
  if (range.max == kNoLimit) {
    words += " of at least " + std::to_string(range.min);
  } else {
    words += " from " + std::to_string(range.min) + " to " + std::to_string(range.max);
  }
  if (range.multiple_of > 1) words += " and a multiple of " + std::to_string(range.multiple_of);
  return words;
}

bool parse(const std::string& text, const WholeRange& range, std::int64_t& value) {
  std::int64_t parsed = 0;
  if (!parse_all(text, parsed)) return false;
  const bool in_range = parsed >= range.min && parsed <= range.max && parsed % range.multiple_of == 0;
  const bool zero = range.or_zero && parsed == 0;
  if (!in_range && !zero) return false;
  value = parsed;
  return true;
}

std::string describe(const NumberRange& range) {
  const bool below = range.max < kInfinity;
  if (range.min == -kInfinity && !below) return "a finite number";
  if (range.min_included && range.max_included && below) {
    return "a number from " + shortest(range.min) + " to " + shortest(range.max);
  }
  std::string words = std::string("a number ") + (range.min_included ? "of at least " : "above ") + shortest(range.min);
  if (below) words += std::string(range.max_included ? " and at most " : " and below ") + shortest(range.max);
  return words;
}

bool parse(const std::string& text, const NumberRange& range, double& value) {
  double parsed = 0;
  if (!parse_all(text, parsed) || !std::isfinite(parsed)) return false;
  if (range.min_included ? parsed < range.min : parsed <= range.min) return false;
  if (range.max_included ? parsed > range.max : parsed >= range.max) return false;
  value = parsed;
  return true;
}

std::string shortest(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

bool parse_flag(const std::string& text, bool& value) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool yes = lower == "true" || lower == "yes" || lower == "on";
  const bool no = lower == "false" || lower == "no" || lower == "off";
  if (!yes && !no) return false;
  value = yes;
  return true;
}

bool is_one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace cloudmask::key_kinds
