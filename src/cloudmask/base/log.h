#pragma once

#include <functional>
#include <string_view>

namespace cloudmask {

/// Messages for people go to standard error, so that standard output stays clean for results and pipes.
enum class LogLevel { kQuiet, kNormal, kVerbose };

/// kQuiet shows warnings and errors only; kVerbose adds log_detail. Call once, before the first message.
void set_log_level(LogLevel level);

enum class LogSeverity { kDetail, kInfo, kWarning, kError };

/// Every message of any level goes to `receiver` from now on instead of standard error (empty: there again): for
/// programs with a log of their own. It is called by the thread that has something to say, by several at once if need
/// be. Call before work begins.
void set_log_receiver(std::function<void(LogSeverity, std::string_view)> receiver);

void log_detail(std::string_view message);
void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);

}  // namespace cloudmask
