#include "cloudmask/base/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <string>

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

std::string prefixed(std::string_view prefix, std::string_view message) {
  std::string line(prefix);
  return line.append(message);
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

// The messages go through "{}": a brace in a file name is text, not a format.
void log_detail(std::string_view message) { logger().debug("{}", message); }
void log_info(std::string_view message) { logger().info("{}", message); }
void log_warning(std::string_view message) { logger().warn("{}", prefixed("cloudmask: warning: ", message)); }
void log_error(std::string_view message) { logger().error("{}", prefixed("cloudmask: ", message)); }

}  // namespace cloudmask
