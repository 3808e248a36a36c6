#include <mpi.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <set>

#include "cloudmask/parallel/communicator.h"
#include "cloudmask/parallel/mpi/exchanged_sum.h"
#include "cloudmask/parallel/mpi/mpi_thread.h"

namespace cloudmask {
namespace {

class MpiCommunicator final : public Communicator {
 public:
  int rank() const override { return mpi_.rank(); }
  int size() const override { return static_cast<int>(mpi_.hosts().size()); }
  int local_rank() const override { return on_this_machine(rank()); }
  int local_size() const override { return on_this_machine(size()); }
  int nodes() const override {
    return static_cast<int>(std::set<std::string>(mpi_.hosts().begin(), mpi_.hosts().end()).size());
  }
  std::string host(int rank) const override { return mpi_.hosts()[static_cast<std::size_t>(rank)]; }

  std::future<void> start_sum(std::span<float> values, GradientPrecision sent_as) override {
    return mpi_.start([this, values, sent_as] {
      exchange_.sum(values, sent_as, [this](MPI_Request request) { mpi_.wait(request); });
    });
  }
  void all_reduce_sum(std::span<double> values) override {
    mpi_.start([this, values] { reduce(values, MPI_SUM); }).get();
  }
  void all_reduce_max(std::span<double> values) override {
    mpi_.start([this, values] { reduce(values, MPI_MAX); }).get();
  }

  void broadcast(std::string& bytes) override {
    mpi_.start([&] {
          std::uint64_t size_bytes = bytes.size();
          send_to_all(&size_bytes, sizeof size_bytes);
          bytes.resize(size_bytes);
          constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // MPI counts in int
          for (std::size_t first = 0; first < bytes.size(); first += kMostBytes) {
            send_to_all(bytes.data() + first, std::min(kMostBytes, bytes.size() - first));
          }
        })
        .get();
  }

  std::vector<std::string> gather(const std::string& text) override {
    std::vector<std::string> texts;
    mpi_.start([&] {
          const int length = static_cast<int>(text.size());
          std::vector<int> lengths(mpi_.hosts().size());
          MPI_Request request = MPI_REQUEST_NULL;
          MPI_Iallgather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, MPI_COMM_WORLD, &request);
          mpi_.wait(request);
          std::vector<int> starts(lengths.size());
          std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), 0);
          std::string all(static_cast<std::size_t>(starts.back() + lengths.back()), '\0');
          MPI_Iallgatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(), MPI_CHAR,
                          MPI_COMM_WORLD, &request);
          mpi_.wait(request);
          for (std::size_t i = 0; i < lengths.size(); ++i) {
            texts.push_back(all.substr(static_cast<std::size_t>(starts[i]), static_cast<std::size_t>(lengths[i])));
          }
        })
        .get();
    return texts;
  }

  void restart_tickets() override {
    if (rank() == 0) mpi_.start([this] { mpi_.restart_tickets(); }).get();
    std::vector<double> none = {0};
    all_reduce_max(none);  // nobody asks before
  }
  std::int64_t take_ticket() override {
    std::int64_t ticket = 0;
    mpi_.start([&] { ticket = mpi_.take_ticket(); }).get();
    return ticket;
  }

  void tell_first(const std::string& text) override {
    mpi_.start([&] { mpi_.tell_first(text); }).get();
  }
  std::vector<std::string> told() override {
    std::vector<std::string> texts;
    if (rank() == 0) mpi_.start([&] { texts = mpi_.told(); }).get();
    return texts;
  }

  [[noreturn]] void abort(int code) override { mpi_.abort(code); }

 private:
  int on_this_machine(int before_rank) const {
    const auto& hosts = mpi_.hosts();
    return static_cast<int>(std::count(hosts.begin(), hosts.begin() + before_rank, host(rank())));
  }

  void reduce(std::span<double> values, MPI_Op operation) {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Iallreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_DOUBLE, operation, MPI_COMM_WORLD,
                   &request);
    mpi_.wait(request);
  }

  void send_to_all(void* bytes, std::size_t count) {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Ibcast(bytes, static_cast<int>(count), MPI_BYTE, 0, MPI_COMM_WORLD, &request);
    mpi_.wait(request);
  }

  MpiThread mpi_;
  ExchangedSum exchange_;
};

}  // namespace
}  // namespace cloudmask

extern "C" cloudmask::Communicator* cloudmask_join_mpi() { return new cloudmask::MpiCommunicator(); }
