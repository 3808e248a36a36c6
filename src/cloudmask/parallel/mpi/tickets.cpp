#include "cloudmask/parallel/mpi/tickets.h"

namespace cloudmask {
namespace {

constexpr int kQuestion = 1;
constexpr int kAnswer = 2;

}  // namespace

Tickets::Tickets(MPI_Comm world) {
  MPI_Comm_dup(world, &comm_);
  MPI_Comm_rank(comm_, &rank_);
}

void Tickets::serve() {
  while (rank_ == 0) {
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, kQuestion, comm_, &there, &status);
    if (there == 0) return;
    MPI_Recv(nullptr, 0, MPI_BYTE, status.MPI_SOURCE, kQuestion, comm_, MPI_STATUS_IGNORE);
    const std::int64_t ticket = next_++;
    MPI_Send(&ticket, 1, MPI_INT64_T, status.MPI_SOURCE, kAnswer, comm_);  // so short that it never waits
  }
}

std::int64_t Tickets::take(const std::function<void(MPI_Request)>& wait) {
  if (rank_ == 0) return next_++;
  std::int64_t ticket = 0;
  MPI_Request answer = MPI_REQUEST_NULL;
  MPI_Irecv(&ticket, 1, MPI_INT64_T, 0, kAnswer, comm_, &answer);
  MPI_Send(nullptr, 0, MPI_BYTE, 0, kQuestion, comm_);
  wait(answer);
  return ticket;
}

}  // namespace cloudmask
