#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cloudmask {

/// Folder below the target folder that holds what is half fetched. No key may name it.
inline constexpr std::string_view kStateFolder = ".cloudmask-fetch";

/// Where an object goes below the target folder: its key after the last '/' of `prefix`. Keys come from whoever can
/// write to the store, so only plain relative paths pass: throws Error, which says what is wrong with the key, for
/// parts that are empty, "." or "..", for backslashes and control characters, for what is not UTF-8 or too long, and
/// for a key outside `prefix`.
std::filesystem::path path_of_key(std::string_view key, std::string_view prefix);

/// True for the empty objects that stand for folders: nothing is fetched for them.
bool is_folder_marker(std::string_view key, std::uint64_t bytes);

/// The text with control characters and what is not UTF-8 as \xNN: safe on terminals and in JSON.
std::string printable(std::string_view text);

}  // namespace cloudmask
