#pragma once

#include <mpi.h>

#include <functional>
#include <span>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/parallel/mpi/bf16.h"

namespace cloudmask {

/// Sums over all ranks, a part of the values by each of them: it is sent the part by all others, adds them to its own
/// in fp32, always in the same order, and sends the sums to all. Open MPI's own non-blocking sum over two or three
/// ranks sends all values there and then back (docs/scaling.md). For MPI's thread.
class ExchangedSum {
 public:
  using Wait = std::function<void(MPI_Request)>;

  /// In place; `wait` waits for a request. All ranks pass the same number of values and `sent_as`.
  void sum(std::span<float> values, GradientPrecision sent_as, const Wait& wait);

 private:
  // Kept, since fresh memory costs more than the sum.
  std::vector<float> received_;
  std::vector<Bf16> sent_bf16_;
  std::vector<Bf16> received_bf16_;
};

}  // namespace cloudmask
