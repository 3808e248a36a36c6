#include "cloudmask/parallel/mpirun_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <utility>

namespace cloudmask {
namespace {

bool is_frame(const std::string& line) {
  return line.size() > 60 && line.find_first_not_of("-\n") == std::string::npos;
}

// Lines of Open MPI outside of blocks that tell users nothing: more than one rank said the same, or missed one that has
// ended.
bool is_noise(const std::string& line) {
  static const std::regex noise(
      R"(mpirun: Forwarding signal .*|\[\S+:\d+\] (\d+ more process|Set MCA parameter "orte_base_help|Read -1, expected).*)");
  return std::regex_match(line.begin(), line.end() - 1, noise);  // without its end
}

// What follows from how the ranks ended, which they have explained themselves.
bool says_nothing_new(const std::string& block) {
  constexpr std::string_view kKnown[] = {"Primary job  terminated normally", "exited with non-zero status",
                                         "MPI_ABORT was invoked", "exiting improperly"};
  return std::any_of(std::begin(kKnown), std::end(kKnown),
                     [&](std::string_view words) { return block.find(words) != std::string::npos; });
}

}  // namespace

std::string MpirunMessages::add(std::string_view bytes) {
  unfinished_.append(bytes);
  std::string shown;
  for (std::size_t end = unfinished_.find('\n'); end != std::string::npos; end = unfinished_.find('\n')) {
    shown += take_line(unfinished_.substr(0, end + 1));
    unfinished_.erase(0, end + 1);
  }
  return shown;
}

std::string MpirunMessages::take_line(const std::string& line) {
  if (is_frame(line)) {
    in_block_ = !in_block_;
    return in_block_ ? "" : close_block();
  }
  if (in_block_ && !line.starts_with("cloudmask: ")) {
    block_ += line;
    return "";
  }
  return is_noise(line) ? "" : line;
}

std::string MpirunMessages::close_block() {
  const std::string block = std::exchange(block_, "");
  std::smatch found;
  static const std::regex signalled(
      R"(process rank (\d+) with PID \d+ on node (\S+) exited on signal (\d+ \([^)]*\)))");
  if (std::regex_search(block, found, signalled)) {
    fault_ = fmt::format(
        "rank {} on {} was ended by signal {}; --resume goes on from the last checkpoint. Signal 9 without anybody's "
        "doing is the system short of memory",
        found[1].str(), found[2].str(), found[3].str());
    return "";
  }
  return says_nothing_new(block) ? "" : block;
}

std::string MpirunMessages::rest() { return close_block() + std::exchange(unfinished_, ""); }

}  // namespace cloudmask
