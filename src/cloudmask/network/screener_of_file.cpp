#include <fmt/format.h>

#include "cloudmask/base/checksum.h"
#include "cloudmask/base/files.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/network/network_screener.h"

namespace cloudmask {
namespace {

std::string fingerprint(const std::filesystem::path& file) {
  const std::string bytes = read_file(file);
  return fmt::format("{} (checksum {:016x})", file.filename().string(), checksum(bytes));
}

}  // namespace

NetworkScreener::NetworkScreener(const std::filesystem::path& model_file, const Config& config, int sharers)
    : NetworkScreener(read_model(model_file), config, sharers) {
  origin_.model = fingerprint(model_file);
}

}  // namespace cloudmask
