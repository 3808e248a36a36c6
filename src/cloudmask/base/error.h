#pragma once

#include <stdexcept>
#include <string>

namespace cloudmask {

/// The work failed: exit code 1. The message is one line that names the file (and dataset or line), what was found,
/// what was wanted and, where it is not obvious, what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Wrong usage or configuration: exit code 2. The message names the key or option, what it got and what it takes.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Stopped by SIGINT or SIGTERM after saving: exit code 130. The message says what was saved and how to go on.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// A fault of ours, never of the user: prints the condition and place, then aborts. Active in every build.
[[noreturn]] void report_broken_check(const char* condition, const char* file, int line);

}  // namespace cloudmask

/// Calls report_broken_check() unless the condition holds.
#define CM_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::cloudmask::report_broken_check(#condition, __FILE__, __LINE__))
