#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "cloudmask/base/files.h"
#include "cloudmask/config/config_keys.h"

// The kinds of keys, for the table in config_keys.cpp. A `field` is a function from a Config to one of its members.
namespace cloudmask::key_kinds {

inline constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct WholeRange {
  std::int64_t min = 0;
  std::int64_t max = kNoLimit;
  std::int64_t multiple_of = 1;
  bool or_zero = false;
};
std::string describe(const WholeRange& range);
bool parse(const std::string& text, const WholeRange& range, std::int64_t& value);

struct NumberRange {
  double min = -kInfinity;
  double max = kInfinity;
  bool min_included = true;
  bool max_included = true;
};
std::string describe(const NumberRange& range);
bool parse(const std::string& text, const NumberRange& range, double& value);
std::string shortest(double value);

/// true, yes, on, false, no, off in any case: what YAML 1.1, and so Python, takes.
bool parse_flag(const std::string& text, bool& value);

/// No line breaks or other control characters: texts go into logs of one line an event.
bool is_one_line(const std::string& text);

template <typename Field>
ConfigKey whole(std::string name, Field field, WholeRange range, std::string meaning) {
  const auto set = [field, range](Config& config, const std::string& text) {
    std::int64_t value = 0;
    if (!parse(text, range, value)) return false;
    field(config) = static_cast<std::remove_reference_t<decltype(field(config))>>(value);
    return true;
  };
  const auto get = [field](const Config& config) { return std::to_string(field(config)); };
  return {std::move(name), describe(range), std::move(meaning), false, set, get};
}

template <typename Field>
ConfigKey number(std::string name, Field field, NumberRange range, std::string meaning) {
  const auto set = [field, range](Config& config, const std::string& text) {
    return parse(text, range, field(config));
  };
  const auto get = [field](const Config& config) { return shortest(field(config)); };
  return {std::move(name), describe(range), std::move(meaning), false, set, get};
}

template <typename Field>
ConfigKey flag(std::string name, Field field, std::string meaning) {
  const auto set = [field](Config& config, const std::string& text) { return parse_flag(text, field(config)); };
  const auto get = [field](const Config& config) { return std::string(field(config) ? "true" : "false"); };
  return {std::move(name), "true or false", std::move(meaning), false, set, get};
}

template <typename Field, typename Enum>
ConfigKey choice(std::string name, Field field, std::vector<std::pair<std::string, Enum>> choices,
                 std::string meaning) {
  std::string takes = "one of";
  for (const auto& [word, value] : choices) takes.append(" ").append(word);
  const auto set = [field, choices](Config& config, const std::string& text) {
    for (const auto& [word, value] : choices) {
      if (word != text) continue;
      field(config) = value;
      return true;
    }
    return false;
  };
  const auto get = [field, choices](const Config& config) {
    for (const auto& [word, value] : choices) {
      if (value == field(config)) return word;
    }
    return std::string();
  };
  return {std::move(name), std::move(takes), std::move(meaning), false, set, get};
}

/// `~` is expanded. Without `may_be_empty` an empty path is refused.
template <typename Field>
ConfigKey path(std::string name, Field field, bool may_be_empty, std::string meaning) {
  const auto set = [field, may_be_empty](Config& config, const std::string& text) {
    if ((text.empty() && !may_be_empty) || !is_one_line(text)) return false;
    field(config) = expand_home(text);
    return true;
  };
  const auto get = [field](const Config& config) { return field(config).string(); };
  return {std::move(name), may_be_empty ? "a path, or nothing" : "a path", std::move(meaning), true, set, get};
}

template <typename Field>
ConfigKey text(std::string name, Field field, std::string meaning) {
  const auto set = [field](Config& config, const std::string& value) {
    if (!is_one_line(value)) return false;
    field(config) = value;
    return true;
  };
  const auto get = [field](const Config& config) { return field(config); };
  return {std::move(name), "one line of text", std::move(meaning), true, set, get};
}

}  // namespace cloudmask::key_kinds
