#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// The processes that work together. One process is a group of size one, through the same code. Every rank calls the
/// same functions in the same order, from one thread; each waits until all have called, however long that takes, but a
/// rank that died or was stopped ends the program with a message that names it.
class Communicator {
 public:
  virtual ~Communicator() = default;
  virtual int rank() const = 0;                  ///< from 0
  virtual int size() const = 0;                  ///< number of ranks
  virtual int local_rank() const = 0;            ///< among the ranks on this machine
  virtual int local_size() const = 0;            ///< number of ranks on this machine
  virtual int nodes() const = 0;                 ///< machines
  virtual std::string host(int rank) const = 0;  ///< name of its machine

  /// Element-wise sum over all ranks, in place; every rank gets the same bits. It goes on while the caller does
  /// something else; `values` must live until the future is ready. With kBf16 the values that are sent, and then the
  /// sum, are rounded to bf16, while the adding is in fp32: for any number of ranks the error is at most 2^-8 of the
  /// sum of absolute values and 2^-8 of the sum.
  virtual std::future<void> start_sum(std::span<float> values, GradientPrecision sent_as) = 0;
  virtual void all_reduce_sum(std::span<double> values) = 0;  ///< the same, waiting for it
  virtual void all_reduce_max(std::span<double> values) = 0;  ///< element-wise maximum, in place

  /// Rank 0's bytes for everybody.
  virtual void broadcast(std::string& bytes) = 0;

  /// The texts of all ranks, by rank, for everybody.
  virtual std::vector<std::string> gather(const std::string& text) = 0;

  /// For work that is handed out piece by piece: from restart_tickets on, which all ranks call, take_ticket gives 0, 1,
  /// 2, ... each number once, to whoever asks next, from any thread.
  virtual void restart_tickets() = 0;
  virtual std::int64_t take_ticket() = 0;  ///< see restart_tickets()

  /// For what rank 0 wants to know of that work while it goes on: any rank tells when it likes, and told() gives rank 0
  /// what has arrived since the last call, its own included; on the others nothing.
  virtual void tell_first(const std::string& text) = 0;
  virtual std::vector<std::string> told() = 0;  ///< see tell_first()

  /// Ends all ranks at once with this exit code; for what one rank alone knows.
  [[noreturn]] virtual void abort(int code) = 0;
};

/// This process alone.
class SingleProcess : public Communicator {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  int local_rank() const override { return 0; }
  int local_size() const override { return 1; }
  int nodes() const override { return 1; }
  std::string host(int) const override { return "this machine"; }
  std::future<void> start_sum(std::span<float>, GradientPrecision) override {
    std::promise<void> done;
    done.set_value();
    return done.get_future();
  }
  void all_reduce_sum(std::span<double>) override {}
  void all_reduce_max(std::span<double>) override {}
  void broadcast(std::string&) override {}
  std::vector<std::string> gather(const std::string& text) override { return {text}; }
  void restart_tickets() override { next_ticket_ = 0; }
  std::int64_t take_ticket() override { return next_ticket_++; }
  void tell_first(const std::string& text) override { told_.push_back(text); }
  std::vector<std::string> told() override { return std::exchange(told_, {}); }
  [[noreturn]] void abort(int code) override { std::_Exit(code); }

 private:
  std::atomic<std::int64_t> next_ticket_ = 0;
  std::vector<std::string> told_;
};

/// The processes that a launcher (mpirun, srun) started this one with, by MPI; else this process alone, and MPI is not
/// even loaded. Throws Error when MPI cannot be used, and UsageError when the launcher speaks of more processes than
/// MPI sees.
std::unique_ptr<Communicator> join_ranks();

/// True in a process that a launcher started; mpirun -n 1 is one, a shell that srun opened is none.
bool started_by_launcher();

}  // namespace cloudmask
