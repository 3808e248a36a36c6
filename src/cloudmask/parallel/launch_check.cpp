#include "cloudmask/parallel/launch_check.h"

#include <fmt/format.h>

#include <sstream>
#include <string>
#include <system_error>

#include "cloudmask/base/error.h"
#include "cloudmask/base/version.h"
#include "cloudmask/config/config_file.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

// The scenes as rank 0 and another see them: both sorted alike.
std::string scenes_of(const std::string& key, const std::filesystem::path& folder) {
  std::string text;
  if (folder.empty()) return text;
  try {
    for (const auto& file : find_scenes(folder)) {
      std::error_code unreadable;
      text += fmt::format("{}: {} of {} bytes\n", key, file.filename().string(),
                          std::filesystem::file_size(file, unreadable));
    }
  } catch (const Error& error) {  // alike everywhere: not every command needs every folder, those that do say so
    text += fmt::format("{}: {}\n", key, error.what());
  }
  return text;
}

// Line by line, so that the first difference can be named.
std::string fingerprint(const Config& config, const std::string& device) {
  return fmt::format("cloudmask {}\ndevice in use: {}\n{}\n{}{}", kVersion, device, to_yaml(config),
                     scenes_of("train_dir", config.data.train_dir),
                     scenes_of("inference_dir", config.data.inference_dir));
}

std::string first_difference(const std::string& first, const std::string& other) {
  std::istringstream first_lines(first);
  std::istringstream other_lines(other);
  std::string wanted;
  std::string found;
  const std::string nothing = "nothing";
  while (true) {
    const bool more_wanted = static_cast<bool>(std::getline(first_lines, wanted));
    const bool more_found = static_cast<bool>(std::getline(other_lines, found));
    if (!more_wanted && !more_found) return "";
    if (!more_wanted) wanted = nothing;
    if (!more_found) found = nothing;
    if (wanted != found) return fmt::format("'{}', rank 0 has '{}'", found, wanted);
  }
}

void require_configured_numbers(const MachineOptions& machine, Communicator& ranks) {
  if (machine.gpu > 0 && ranks.local_size() > machine.gpu) {
    throw UsageError(
        fmt::format("gpu: {} is configured, but {} processes run on {}; start {} a machine, or set gpu: {}",
                    machine.gpu, ranks.local_size(), ranks.host(ranks.rank()), machine.gpu, ranks.local_size()));
  }
  if (machine.nodes > 1 && machine.nodes != ranks.nodes()) {
    throw UsageError(fmt::format("nodes: {} is configured, but the processes run on {} machines; set nodes: {} or 1",
                                 machine.nodes, ranks.nodes(), ranks.nodes()));
  }
}

}  // namespace

void require_one_job(const Config& config, const std::string& device, Communicator& ranks) {
  if (ranks.size() == 1) return;
  do_on_all(ranks, [&] { require_configured_numbers(config.machine, ranks); });
  std::string own;
  do_on_all(ranks, [&] { own = fingerprint(config, device); });
  std::string wanted = own;
  ranks.broadcast(wanted);
  const auto differences = ranks.gather(first_difference(wanted, own));
  for (int rank = 1; rank < ranks.size(); ++rank) {
    const std::string& difference = differences[static_cast<std::size_t>(rank)];
    if (difference.empty()) continue;
    throw OnAllRanks<UsageError>(
        fmt::format("the processes do not belong together: rank {} on {} has {}; give all the same program, "
                    "configuration and data",
                    rank, ranks.host(rank), difference));
  }
}

}  // namespace cloudmask
