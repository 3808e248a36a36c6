#include "cloudmask/remote/traffic.h"

#include <string>
#include <utility>

namespace cloudmask {

Traffic::Traffic(double bytes_per_s, int most_unanswered, std::function<void()> on_bytes)
    : limit_(bytes_per_s), most_unanswered_(most_unanswered), on_bytes_(std::move(on_bytes)) {}

void Traffic::pass(std::size_t bytes) {
  limit_.take(bytes);
  unanswered_ = 0;
  received_bytes_ += bytes;
  on_bytes_();
}

void Traffic::give_up(const StoreFault& fault) {
  if (++unanswered_ < most_unanswered_) return;
  throw Error(std::string(fault.what()) +
              "; nothing gets through any more: what was received is kept, the same command goes on from there");
}

}  // namespace cloudmask
