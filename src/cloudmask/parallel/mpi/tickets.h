#pragma once

#include <mpi.h>

#include <cstdint>
#include <functional>

namespace cloudmask {

/// Numbers 0, 1, 2, ... each given to one rank alone, by rank 0, who answers when asked. All functions are for MPI's
/// thread.
class Tickets {
 public:
  explicit Tickets(MPI_Comm world);

  /// Begins at 0 again; rank 0 calls it while nobody asks.
  void restart() { next_ = 0; }

  /// Answers those who asked since the last call; rank 0 must call it often.
  void serve();

  /// `wait` waits for a request.
  std::int64_t take(const std::function<void(MPI_Request)>& wait);

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  std::int64_t next_ = 0;
};

}  // namespace cloudmask
