#pragma once

#include <filesystem>
#include <string>

namespace cloudmask {

/// Throws an Error of one line: what could not be done to which path, the system's reason for `error_number` (an
/// errno), and a remedy where there is a usual one. `action` is like "cannot write".
[[noreturn]] void throw_system_error(const std::string& action, const std::filesystem::path& path, int error_number);

}  // namespace cloudmask
