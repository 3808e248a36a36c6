#include "cloudmask/tensor/recorded_work.h"

#include <utility>

namespace cloudmask {

struct RecordedWork::State {
  std::function<void()> work;
};

RecordedWork::RecordedWork(const torch::Device&, std::function<void()> work)
    : state_(std::make_unique<State>(State{std::move(work)})) {}

RecordedWork::~RecordedWork() = default;

void RecordedWork::run() { state_->work(); }

bool RecordedWork::recorded() const { return false; }

bool RecordedWork::built_in() { return false; }

}  // namespace cloudmask
