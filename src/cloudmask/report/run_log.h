#pragma once

#include <filesystem>
#include <string>

#include "cloudmask/report/record_json.h"

namespace cloudmask {

/// `run.jsonl`: one JSON object a line, each on its way to the disk when append() returns, so that a killed run loses
/// nothing. An existing file is continued; a line that a killed run left half-written is closed first.
class RunLog {
 public:
  /// Throws Error when the file cannot be written.
  explicit RunLog(std::filesystem::path file);

  /// {"event": `event`, "time": now, ...`fields`}. Throws Error (full disk, ...).
  void append(const std::string& event, const Json& fields);

 private:
  std::filesystem::path file_;
};

}  // namespace cloudmask
