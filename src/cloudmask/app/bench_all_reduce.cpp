#include "cloudmask/app/bench_all_reduce.h"

#include <fmt/format.h>

#include <vector>

#include "cloudmask/app/describe_bytes.h"
#include "cloudmask/app/ranks.h"
#include "cloudmask/base/error.h"
#include "cloudmask/benchmark.h"
#include "cloudmask/parallel/agreement.h"

namespace cloudmask {
namespace {

struct Result {
  GradientPrecision sent_as;
  const Communicator& ranks;
  std::vector<AllReduceTime> times;
};

// Bytes that each rank must send and receive at least, a second: 2 (ranks - 1) / ranks of the message.
double wire_bytes_per_s(const AllReduceTime& time, const Result& result) {
  const double parts = result.ranks.size();
  const double share = result.sent_as == GradientPrecision::kBf16 ? 0.5 : 1.0;
  return 2 * (parts - 1) / parts * share * static_cast<double>(time.message_bytes) / time.time_s;
}

std::string as_text(const Result& result) {
  std::string text = fmt::format("sum of fp32, sent as {}, over {} ranks on {} machines\n{:>12}{:>14}{:>16}\n",
                                 to_string(result.sent_as), result.ranks.size(), result.ranks.nodes(), "message",
                                 "time", "a rank sends");
  for (const AllReduceTime& time : result.times) {
    text += fmt::format("{:>12}{:>11.1f} us{:>14}/s\n", describe_bytes(static_cast<double>(time.message_bytes)),
                        time.time_s * 1e6, describe_bytes(wire_bytes_per_s(time, result)));
  }
  return text;
}

std::string as_json(const Result& result) {
  std::string list;
  for (const AllReduceTime& time : result.times) {
    list += fmt::format("{}{{\"message_bytes\": {}, \"time_s\": {:.4g}, \"wire_bytes_per_s\": {:.4g}}}",
                        list.empty() ? "" : ", ", time.message_bytes, time.time_s, wire_bytes_per_s(time, result));
  }
  return fmt::format("{{\"ranks\": {}, \"nodes\": {}, \"sent_as\": \"{}\", \"sizes\": [{}]}}", result.ranks.size(),
                     result.ranks.nodes(), to_string(result.sent_as), list);
}

}  // namespace

int bench_all_reduce(const Config& config, const JsonOutput& json) {
  return with_ranks(config, [&](const Config&, Communicator& ranks) {
    if (ranks.size() == 1) {
      throw UsageError("bench allreduce takes several processes: --set gpu=2, or mpirun or srun around it");
    }
    const GradientPrecision sent_as = config.training.gradient_precision;
    const Result result{sent_as, ranks, benchmark_all_reduce(sent_as, ranks)};
    do_on_first(ranks, [&] { json.write(as_text(result), as_json(result)); });
    return 0;
  });
}

}  // namespace cloudmask
