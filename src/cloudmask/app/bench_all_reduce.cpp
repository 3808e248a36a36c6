#include "cloudmask/app/bench_all_reduce.h"

#include <fmt/format.h>

#include <iostream>
#include <vector>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/ranks.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/benchmark.h"
#include "cloudmask/parallel/agreement.h"

namespace cloudmask {
namespace {

// Bytes that each rank must send and receive at least, a second: 2 (ranks - 1) / ranks of the message.
double wire_bytes_per_s(const AllReduceTime& time, const Communicator& ranks) {
  const double parts = ranks.size();
  return 2 * (parts - 1) / parts * static_cast<double>(time.message_bytes) / time.time_s;
}

std::string as_text(const std::vector<AllReduceTime>& times, const Communicator& ranks) {
  std::string text = fmt::format("sum over {} ranks on {} machines\n{:>12}{:>14}{:>16}\n", ranks.size(), ranks.nodes(),
                                 "message", "time", "a rank sends");
  for (const AllReduceTime& time : times) {
    text += fmt::format("{:>12}{:>11.1f} us{:>14}/s\n", describe_bytes(static_cast<double>(time.message_bytes)),
                        time.time_s * 1e6, describe_bytes(wire_bytes_per_s(time, ranks)));
  }
  return text;
}

std::string as_json(const std::vector<AllReduceTime>& times, const Communicator& ranks) {
  std::string list;
  for (const AllReduceTime& time : times) {
    list += fmt::format("{}{{\"message_bytes\": {}, \"time_s\": {:.4g}, \"wire_bytes_per_s\": {:.4g}}}",
                        list.empty() ? "" : ", ", time.message_bytes, time.time_s, wire_bytes_per_s(time, ranks));
  }
  return fmt::format("{{\"ranks\": {}, \"nodes\": {}, \"sizes\": [{}]}}\n", ranks.size(), ranks.nodes(), list);
}

}  // namespace

int bench_all_reduce(const Config& config, const std::string& json) {
  return with_ranks(config, [&](const Config&, Communicator& ranks) {
    if (ranks.size() == 1) {
      throw UsageError("bench allreduce takes several processes: --set gpu=2, or mpirun or srun around it");
    }
    const auto times = benchmark_all_reduce(ranks);
    do_on_first(ranks, [&] {
      if (json != "-") std::cout << as_text(times, ranks) << std::flush;
      if (json == "-") std::cout << as_json(times, ranks) << std::flush;
      if (!json.empty() && json != "-") write_file_atomically(expand_home(json), as_json(times, ranks));
    });
    return 0;
  });
}

}  // namespace cloudmask
