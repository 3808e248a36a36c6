#include "cloudmask/parallel/mpi/exchanged_sum.h"

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace cloudmask {
namespace {

float widen(float value) { return value; }
float widen(Bf16 value) { return from_bf16(value); }

// Of one rank; the parts of all are as long, but for one value.
struct Part {
  std::size_t first;
  std::size_t count;
};

Part part_of(int rank, int ranks, std::size_t values) {
  const auto begin = [&](int of) { return values * static_cast<std::size_t>(of) / static_cast<std::size_t>(ranks); };
  return {begin(rank), begin(rank + 1) - begin(rank)};
}

// `wire` holds the values as they are sent, then the sums of all parts; of fp32 it is `values` itself.
template <typename Wire>
void exchange(std::span<float> values, std::span<Wire> wire, std::vector<Wire>& received, MPI_Datatype type,
              const ExchangedSum::Wait& wait) {
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const Part own = part_of(rank, ranks, values.size());
  std::vector<int> counts;
  std::vector<int> starts;
  std::vector<int> received_counts;
  std::vector<int> received_starts;
  for (int other = 0; other < ranks; ++other) {
    const Part part = part_of(other, ranks, values.size());
    counts.push_back(static_cast<int>(part.count));
    starts.push_back(static_cast<int>(part.first));
    received_counts.push_back(other == rank ? 0 : static_cast<int>(own.count));
    received_starts.push_back((other - (other > rank ? 1 : 0)) * static_cast<int>(own.count));
  }
  std::vector<int> sent_counts = counts;
  sent_counts[static_cast<std::size_t>(rank)] = 0;

  received.resize(std::max(received.size(), own.count * static_cast<std::size_t>(ranks - 1)));
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ialltoallv(wire.data(), sent_counts.data(), starts.data(), type, received.data(), received_counts.data(),
                 received_starts.data(), type, MPI_COMM_WORLD, &request);
  wait(request);
  const std::span<float> sums = values.subspan(own.first, own.count);
  for (int other = 0; other < ranks - 1; ++other) {
    const Wire* const summand = received.data() + static_cast<std::size_t>(other) * own.count;
    for (std::size_t i = 0; i < own.count; ++i) sums[i] += widen(summand[i]);
  }
  if constexpr (std::is_same_v<Wire, Bf16>) {
    std::transform(sums.begin(), sums.end(), wire.begin() + static_cast<std::ptrdiff_t>(own.first), to_bf16);
  }
  MPI_Iallgatherv(MPI_IN_PLACE, 0, type, wire.data(), counts.data(), starts.data(), type, MPI_COMM_WORLD, &request);
  wait(request);
}

}  // namespace

void ExchangedSum::sum(std::span<float> values, GradientPrecision sent_as, const Wait& wait) {
  if (sent_as == GradientPrecision::kFp32) {
    exchange<float>(values, values, received_, MPI_FLOAT, wait);
    return;
  }
  sent_bf16_.resize(values.size());
  std::transform(values.begin(), values.end(), sent_bf16_.begin(), to_bf16);
  exchange<Bf16>(values, sent_bf16_, received_bf16_, MPI_UINT16_T, wait);
  std::transform(sent_bf16_.begin(), sent_bf16_.end(), values.begin(), from_bf16);
}

}  // namespace cloudmask
