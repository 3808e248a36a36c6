#include "cloudmask/parallel/mpi/news.h"

#include <utility>

namespace cloudmask {
namespace {

constexpr int kTag = 1;

}  // namespace

News::News(MPI_Comm world) {
  MPI_Comm_dup(world, &comm_);
  MPI_Comm_rank(comm_, &rank_);
}

void News::tell(const std::string& text, const std::function<void(MPI_Request)>& wait) {
  if (rank_ == 0) {
    received_.push_back(text);
    return;
  }
  MPI_Request sent = MPI_REQUEST_NULL;
  MPI_Isend(text.data(), static_cast<int>(text.size()), MPI_CHAR, 0, kTag, comm_, &sent);
  wait(sent);
}

void News::receive() {
  while (rank_ == 0) {
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, kTag, comm_, &there, &status);
    if (there == 0) return;
    int length = 0;
    MPI_Get_count(&status, MPI_CHAR, &length);
    std::string text(static_cast<std::size_t>(length), '\0');
    MPI_Recv(text.data(), length, MPI_CHAR, status.MPI_SOURCE, kTag, comm_, MPI_STATUS_IGNORE);
    received_.push_back(std::move(text));
  }
}

std::vector<std::string> News::take() { return std::exchange(received_, {}); }

}  // namespace cloudmask
