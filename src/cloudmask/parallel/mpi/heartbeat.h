#pragma once

#include <mpi.h>

#include <chrono>
#include <string>
#include <vector>

namespace cloudmask {

/// Signs of life between rank 0 and all others, so that a rank that was stopped or cut off is noticed even while
/// everybody legitimately waits for it. All functions are for MPI's thread.
class Heartbeat {
 public:
  /// `hosts` by rank.
  Heartbeat(MPI_Comm world, std::vector<std::string> hosts);

  /// To be called often; works once a second. Ends all ranks when one was silent for kSilence.
  void beat();

  /// Before MPI_Finalize, when all ranks are there.
  void end();

  static constexpr std::chrono::seconds kSilence{20};

 private:
  using Clock = std::chrono::steady_clock;
  struct Peer {
    int rank = 0;
    Clock::time_point heard;
    MPI_Request sent = MPI_REQUEST_NULL;
  };

  void receive();
  void send();
  void judge() const;

  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  std::vector<std::string> hosts_;
  std::vector<Peer> peers_;  // of rank 0 all others; of the others rank 0
  Clock::time_point last_;
  char mark_ = 1;
};

}  // namespace cloudmask
