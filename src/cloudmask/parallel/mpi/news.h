#pragma once

#include <mpi.h>

#include <functional>
#include <string>
#include <vector>

namespace cloudmask {

/// Texts that any rank sends to rank 0 when it likes. All functions are for MPI's thread.
class News {
 public:
  explicit News(MPI_Comm world);

  /// `wait` waits for a request.
  void tell(const std::string& text, const std::function<void(MPI_Request)>& wait);

  /// Receives what was sent since the last call; rank 0 must call it often.
  void receive();

  /// On rank 0: what was received since the last call.
  std::vector<std::string> take();

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  std::vector<std::string> received_;
};

}  // namespace cloudmask
