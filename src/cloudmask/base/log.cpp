#include "cloudmask/base/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <utility>

namespace cloudmask {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    // https://no-color.org: set and not empty
    const char* no_color = std::getenv("NO_COLOR");
    const bool plain = no_color != nullptr && *no_color != '\0';
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(plain ? spdlog::color_mode::never
                                                                                : spdlog::color_mode::automatic);
    sink->set_color(spdlog::level::info, sink->reset);
    sink->set_color(spdlog::level::debug, sink->dark);
    auto made = std::make_shared<spdlog::logger>("cloudmask", sink);
    made->set_pattern("%^%v%$");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

std::function<void(LogSeverity, std::string_view)>& receiver() {
  static std::function<void(LogSeverity, std::string_view)> instance;
  return instance;
}

// The messages go through "{}": a brace in a file name is text, not a format.
void say(LogSeverity severity, spdlog::level::level_enum level, const char* prefix, std::string_view message) {
  if (receiver()) return receiver()(severity, message);
  logger().log(level, "{}{}", prefix, message);
}

}  // namespace

void set_log_level(LogLevel level) {
  switch (level) {
    case LogLevel::kQuiet:
      logger().set_level(spdlog::level::warn);
      break;
    case LogLevel::kNormal:
      logger().set_level(spdlog::level::info);
      break;
    case LogLevel::kVerbose:
      logger().set_level(spdlog::level::debug);
      break;
  }
}

void set_log_receiver(std::function<void(LogSeverity, std::string_view)> new_receiver) {
  receiver() = std::move(new_receiver);
}

void log_detail(std::string_view message) { say(LogSeverity::kDetail, spdlog::level::debug, "", message); }
void log_info(std::string_view message) { say(LogSeverity::kInfo, spdlog::level::info, "", message); }
void log_warning(std::string_view message) {
  say(LogSeverity::kWarning, spdlog::level::warn, "cloudmask: warning: ", message);
}
void log_error(std::string_view message) { say(LogSeverity::kError, spdlog::level::err, "cloudmask: ", message); }

}  // namespace cloudmask
