#include "cloudmask/report/run_log.h"

#include <fstream>
#include <utility>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/files.h"

namespace cloudmask {
namespace {

bool ends_within_a_line(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() <= 0) return false;
  in.seekg(-1, std::ios::end);
  return in.get() != '\n';
}

}  // namespace

RunLog::RunLog(std::filesystem::path file) : file_(std::move(file)) {
  append_to_file(file_, ends_within_a_line(file_) ? "\n" : "");
}

void RunLog::append(const std::string& event, const Json& fields) {
  Json line = {{"event", event}, {"time", utc_time(unix_time_ms())}};
  line.update(fields);
  append_to_file(file_, dump_line(line) + "\n");
}

}  // namespace cloudmask
