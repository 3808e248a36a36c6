#include "cloudmask/base/log.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace cloudmask {
namespace {

struct Style {
  const char* colour;  // of an ANSI terminal; empty: its own
  const char* prefix;
};

constexpr Style style_of(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::kDetail:
      return {"\033[2m", ""};
    case LogSeverity::kInfo:
      return {"", ""};
    case LogSeverity::kWarning:
      return {"\033[33m\033[1m", "cloudmask: warning: "};
    case LogSeverity::kError:
      break;
  }
  return {"\033[31m\033[1m", "cloudmask: "};
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool shows_colours() {
  static const bool shows = isatty(STDERR_FILENO) != 0 && variable("NO_COLOR").empty() &&  // https://no-color.org
                            !variable("TERM").empty() && variable("TERM") != "dumb";
  return shows;
}

std::atomic<LogSeverity> least_shown = LogSeverity::kInfo;

std::function<void(LogSeverity, std::string_view)>& receiver() {
  static std::function<void(LogSeverity, std::string_view)> instance;
  return instance;
}

void say(LogSeverity severity, std::string_view message) {
  if (receiver()) return receiver()(severity, message);
  if (severity < least_shown) return;
  const Style style = style_of(severity);
  const std::string text = style.prefix + std::string(message);
  const bool coloured = *style.colour != '\0' && shows_colours();
  const std::string line = coloured ? style.colour + text + "\033[m\n" : text + '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);  // at once: lines of several threads stay whole
}

}  // namespace

void set_log_level(LogLevel level) {
  switch (level) {
    case LogLevel::kQuiet:
      least_shown = LogSeverity::kWarning;
      break;
    case LogLevel::kNormal:
      least_shown = LogSeverity::kInfo;
      break;
    case LogLevel::kVerbose:
      least_shown = LogSeverity::kDetail;
      break;
  }
}

void set_log_receiver(std::function<void(LogSeverity, std::string_view)> new_receiver) {
  receiver() = std::move(new_receiver);
}

void log_detail(std::string_view message) { say(LogSeverity::kDetail, message); }
void log_info(std::string_view message) { say(LogSeverity::kInfo, message); }
void log_warning(std::string_view message) { say(LogSeverity::kWarning, message); }
void log_error(std::string_view message) { say(LogSeverity::kError, message); }

}  // namespace cloudmask
