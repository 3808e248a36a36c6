#include "cloudmask/parallel/mpi/heartbeat.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "cloudmask/parallel/communicator.h"

namespace cloudmask {
namespace {

constexpr std::chrono::seconds kInterval{1};
constexpr int kTag = 1;

}  // namespace

Heartbeat::Heartbeat(MPI_Comm world, std::vector<std::string> hosts) : hosts_(std::move(hosts)), last_(Clock::now()) {
  MPI_Comm_dup(world, &comm_);
  MPI_Comm_rank(comm_, &rank_);
  if (rank_ != 0) peers_.push_back({.rank = 0, .heard = last_});
  for (int rank = 1; rank_ == 0 && rank < static_cast<int>(hosts_.size()); ++rank) {
    peers_.push_back({.rank = rank, .heard = last_});
  }
}

void Heartbeat::beat() {
  const auto now = Clock::now();
  if (now - last_ < kInterval) return;
  const bool slept = now - last_ > 5 * kInterval;
  last_ = now;
  receive();    // first: this process may have been the one that slept
  if (slept) {  // and the others with it, as when a scheduler suspends a job
    for (Peer& peer : peers_) peer.heard = now;
  }
  send();
  judge();
}

void Heartbeat::receive() {
  while (true) {
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, kTag, comm_, &there, &status);
    if (there == 0) return;
    char mark = 0;
    MPI_Recv(&mark, 1, MPI_CHAR, status.MPI_SOURCE, kTag, comm_, MPI_STATUS_IGNORE);
    const auto sender =
        std::find_if(peers_.begin(), peers_.end(), [&](const Peer& peer) { return peer.rank == status.MPI_SOURCE; });
    sender->heard = last_;
  }
}

void Heartbeat::send() {
  for (Peer& peer : peers_) {
    int gone = 1;
    if (peer.sent != MPI_REQUEST_NULL) MPI_Test(&peer.sent, &gone, MPI_STATUS_IGNORE);
    if (gone != 0) MPI_Isend(&mark_, 1, MPI_CHAR, peer.rank, kTag, comm_, &peer.sent);
  }
}

// Where rank 0 is silent the others speak one after the other, so that as a rule one message comes out.
void Heartbeat::judge() const {
  constexpr std::chrono::seconds kLastSpeaker{10};
  static_assert(kSilence + kLastSpeaker + kInterval < Communicator::kNoticesWithin);
  const auto patience = kSilence + std::min(std::chrono::seconds(rank_), kLastSpeaker);
  for (const Peer& peer : peers_) {
    if (last_ - peer.heard < patience) continue;
    std::fputs(
        fmt::format("cloudmask: rank {} on {} gave no sign of life for {} s: it was stopped, its machine hangs or "
                    "the network is cut; the run ends here, --resume goes on from the last checkpoint\n",
                    peer.rank, hosts_[static_cast<std::size_t>(peer.rank)], kSilence.count())
            .c_str(),
        stderr);
    MPI_Abort(MPI_COMM_WORLD, 1);
    std::_Exit(1);  // also where the network does not carry the abort
  }
}

void Heartbeat::end() {
  receive();
  for (Peer& peer : peers_) {
    if (peer.sent != MPI_REQUEST_NULL) MPI_Request_free(&peer.sent);
  }
}

}  // namespace cloudmask
