#pragma once

#include <exception>
#include <string>

namespace cloudmask {

/// One line for the user about any exception: an Error's own words; when memory is exhausted, of the machine or of a
/// GPU, what to set smaller; path and reason of a std::filesystem fault; the first line of a LibTorch fault. Anything
/// else is called unexpected and asked to be reported.
std::string plain_message(const std::exception& fault);

/// For a catch block: an Error of any kind is thrown on, every other std::exception as Error(plain_message()).
[[noreturn]] void throw_plainly();

/// What `work` returns; throws as throw_plainly().
template <typename Work>
auto with_plain_errors(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception&) {
    throw_plainly();
  }
}

}  // namespace cloudmask
