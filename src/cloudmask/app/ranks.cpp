#include "cloudmask/app/ranks.h"

#include <fmt/format.h>

#include <memory>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/plain_errors.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/parallel/launch_check.h"
#include "cloudmask/parallel/placement.h"
#include "cloudmask/parallel/self_launch.h"

namespace cloudmask {
namespace {

Config prepare(const Config& config, int gpus, Communicator& ranks) {
  const bool on_gpu = gpus > 0 && config.machine.device != "cpu";
  require_one_job(config, on_gpu ? "gpu" : "cpu", ranks);
  Config own = config;
  own.machine = own_place(config.machine, gpus, ranks);
  return own;
}

}  // namespace

int with_ranks(const Config& config, const std::function<int(const Config&, Communicator&)>& work) {
  const int gpus = config.machine.device == "cpu" ? 0 : gpus_here();
  if (!started_by_launcher()) {
    const int wanted = ranks_to_start(config.machine, gpus);
    const bool asked_for = config.machine.gpu > 1;
    if (wanted > 1 && (asked_for || can_launch_ranks())) return launch_ranks(wanted);
    if (wanted > 1) {
      log_warning(
          fmt::format("going on with one of the {} GPUs: all take Open MPI's mpirun, which is not here", wanted));
    }
  }
  const std::unique_ptr<Communicator> ranks = join_ranks();
  const bool first = ranks->rank() == 0;
  if (!first) set_log_level(LogLevel::kQuiet);
  try {
    const int code = work(prepare(config, gpus, *ranks), *ranks);
    return first ? code : 0;
  } catch (const std::exception& error) {
    if (ranks->size() == 1) throw;
    if (dynamic_cast<const ThrownByAll*>(&error) != nullptr) {
      if (first) throw;
      return 0;  // another code would have the launcher end rank 0 before it has spoken
    }
    log_error(fmt::format("rank {} on {}: {}", ranks->rank(), ranks->host(ranks->rank()), plain_message(error)));
    ranks->abort(1);
    return 1;  // GCC does not see that it ends here
  }
}

}  // namespace cloudmask
