#pragma once

#include <string_view>

namespace cloudmask {

/// Messages for people go to standard error, so that standard output stays clean for results and pipes.
enum class LogLevel { kQuiet, kNormal, kVerbose };

/// kQuiet shows warnings and errors only; kVerbose adds log_detail. Call once, before the first message.
void set_log_level(LogLevel level);

void log_detail(std::string_view message);
void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);

}  // namespace cloudmask
