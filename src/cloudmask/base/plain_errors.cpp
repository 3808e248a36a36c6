#include "cloudmask/base/plain_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <new>
#include <string_view>
#include <typeinfo>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

constexpr const char* kRemedy = "set a smaller batch_size (training) or tile_px (inference), or precision: bf16";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// LibTorch has a type for exhausted GPU memory only; its CPU allocator and CUDA itself say it in words.
bool speaks_of_exhausted_memory(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text.find("out of memory") != std::string::npos || text.find("allocate memory") != std::string::npos ||
         text.find("alloc_cpu") != std::string::npos;
}

// c10::Error and what comes from it, by name: this layer does without LibTorch.
bool is_of_libtorch(const std::exception& fault) { return std::string_view(typeid(fault).name()).starts_with("N3c10"); }

// The first line is the message; a call stack follows.
std::string describe_libtorch(const std::exception& fault) {
  const std::string text = first_line(fault.what());
  const bool of_gpu_memory = std::string_view(typeid(fault).name()) == "N3c1016OutOfMemoryErrorE";
  if (!of_gpu_memory && !speaks_of_exhausted_memory(text)) return "LibTorch: " + text;
  const bool on_gpu = of_gpu_memory || text.find("CUDA") != std::string::npos;
  return fmt::format("{}out of memory; {}", on_gpu ? "the GPU is " : "", kRemedy);
}

std::string describe(const std::filesystem::filesystem_error& fault) {
  std::string message = fault.path1().string();
  if (!fault.path2().empty()) message += " -> " + fault.path2().string();
  return fmt::format("{}: {}; name another path, or repair this one", message, fault.code().message());
}

}  // namespace

std::string plain_message(const std::exception& fault) {
  if (dynamic_cast<const Error*>(&fault) != nullptr) return fault.what();
  if (dynamic_cast<const std::bad_alloc*>(&fault) != nullptr) return fmt::format("out of memory; {}", kRemedy);
  if (is_of_libtorch(fault)) return describe_libtorch(fault);
  if (const auto* files = dynamic_cast<const std::filesystem::filesystem_error*>(&fault)) return describe(*files);
  if (speaks_of_exhausted_memory(fault.what())) return fmt::format("out of memory; {}", kRemedy);
  return "unexpected fault, please report it: " + first_line(fault.what());
}

void throw_plainly() {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& fault) {
    throw Error(plain_message(fault));
  }
}

}  // namespace cloudmask
