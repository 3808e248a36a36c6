#pragma once

#include <vector>

namespace cloudmask {

/// Where ranks run: as many on each machine.
struct RankLayout {
  int nodes = 1;
  int ranks_per_node = 1;
  int ranks() const { return nodes * ranks_per_node; }
};

/// How long a sum over all ranks takes, after Hockney (Parallel Computing 20, 1994): a latency for each message and a
/// time for each byte. Inside a machine of g ranks a ring, 2 (g - 1) messages of which each carries 1/g of the bytes;
/// between m machines a tree's 2 ceil(log2 m) latencies, while each machine sends and receives 2 (m - 1)/m of the bytes
/// (Thakur, Rabenseifner, Gropp, Int. J. High Perf. Comput. Appl. 19, 2005), at a speed that does not fall with the
/// number of machines: the network is a fat tree of full bisection.
struct SumTerms {
  double inside_latency_s = 0;
  double inside_s_per_byte = 0;
  double network_latency_s = 0;
  double network_s_per_byte = 0;  ///< of a machine, over all its links
};

/// 0 for one rank.
double sum_time_s(const SumTerms& terms, const RankLayout& layout, double bytes);

/// One that was measured; `cloudmask bench allreduce`.
struct SumTime {
  RankLayout layout;
  double bytes = 0;
  double time_s = 0;
};

/// Terms that the measurements do not tell are 0.
SumTerms fit_sum_terms(const std::vector<SumTime>& measured);

}  // namespace cloudmask
