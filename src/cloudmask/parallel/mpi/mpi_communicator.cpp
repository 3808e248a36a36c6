#include <mpi.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <set>
#include <string_view>

#include "cloudmask/parallel/communicator.h"
#include "cloudmask/parallel/mpi/exchanged_sum.h"
#include "cloudmask/parallel/mpi/mpi_thread.h"

namespace cloudmask {
namespace {

// MPI counts in int; more texts than that come in parts.
constexpr std::uint64_t kGatheredAtOnce_bytes = std::uint64_t{16} << 20;

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
          const std::uint64_t length = text.size();
          std::vector<std::uint64_t> lengths(mpi_.hosts().size());
          MPI_Request request = MPI_REQUEST_NULL;
          MPI_Iallgather(&length, 1, MPI_UINT64_T, lengths.data(), 1, MPI_UINT64_T, MPI_COMM_WORLD, &request);
          mpi_.wait(request);
          texts.resize(lengths.size());
          const std::uint64_t longest = *std::max_element(lengths.begin(), lengths.end());
          const std::uint64_t part = std::max<std::uint64_t>(kGatheredAtOnce_bytes / lengths.size(), 1);
          for (std::uint64_t first = 0; first < longest; first += part) gather_part(text, first, part, lengths, texts);
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

  // `part` bytes of every text from `first` on, or what is left of it.
  void gather_part(const std::string& text, std::uint64_t first, std::uint64_t part,
                   const std::vector<std::uint64_t>& lengths, std::vector<std::string>& texts) {
    std::vector<int> counts;
    counts.reserve(lengths.size());
    for (const std::uint64_t length : lengths) {
      counts.push_back(static_cast<int>(std::min(part, length - std::min(first, length))));
    }
    std::vector<int> starts(counts.size());
    std::exclusive_scan(counts.begin(), counts.end(), starts.begin(), 0);
    std::string all(static_cast<std::size_t>(starts.back() + counts.back()), '\0');
    const std::string_view own = std::string_view(text).substr(std::min<std::uint64_t>(first, text.size()));
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Iallgatherv(own.data(), counts[static_cast<std::size_t>(rank())], MPI_CHAR, all.data(), counts.data(),
                    starts.data(), MPI_CHAR, MPI_COMM_WORLD, &request);
    mpi_.wait(request);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      texts[i].append(all, static_cast<std::size_t>(starts[i]), static_cast<std::size_t>(counts[i]));
    }
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
