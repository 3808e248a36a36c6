#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/base/clock.h"
#include "cloudmask/report/record_json.h"

namespace CLI {
class App;
}

namespace cloudmask {

/// What a command without figures of its own says in JSON (docs/logs.md).
struct Summary {
  struct Failure {
    std::string file;  ///< empty: no single one is to blame
    std::string reason;
  };
  std::vector<std::filesystem::path> files = {};  ///< written, or there and up to date; looked into
  std::vector<Failure> failures = {};
  Json more = Json::object();  ///< further keys, of this command alone
};

/// `--json FILE`, of every command that has something to tell. `-` is standard output, which then has nothing else.
class JsonOutput {
 public:
  /// FILE is proven to be writable when the command line is read, long before it is written. Throws Error then.
  void add_to(CLI::App& command);

  bool takes_standard_output() const { return file_ == "-"; }

  /// `text` goes to standard output unless JSON does; `json`, without the end of its last line, where it was asked for.
  void write(std::string_view text, const std::string& json) const;

  /// The same with {"command", "version", "seconds" since the program started, "files", "failures", ...}.
  void write(std::string_view text, const Summary& summary) const;

 private:
  Stopwatch watch_;
  std::string command_;
  std::string file_;
};

}  // namespace cloudmask
