#include "cloudmask/app/json_output.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "cloudmask/app/output_check.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"

namespace cloudmask {

void JsonOutput::add_to(CLI::App& command) {
  command_ = command.get_name();
  const auto take = [this](const std::string& file) {
    file_ = file;
    if (takes_standard_output()) return;
    if (file.empty()) throw UsageError("--json takes a FILE, or - for standard output");
    OutputCheck check;
    check.add("--json", OutputCheck::Kind::kWholeFile, expand_home(file));
    if (const std::vector<std::string> faults = check.faults(); !faults.empty()) throw Error(faults.front());
  };
  command.add_option_function<std::string>("--json", take, "Write what was found or done there; - for standard output")
      ->type_name("FILE");
}

void JsonOutput::write(std::string_view text, const std::string& json) const {
  if (takes_standard_output()) {
    std::cout << json << '\n' << std::flush;
    return;
  }
  std::cout << text << std::flush;
  if (!file_.empty()) write_file_atomically(expand_home(file_), json + '\n');
}

void JsonOutput::write(std::string_view text, const Summary& summary) const {
  Json json = {{"command", command_},
               {"version", kVersion},
               {"seconds", watch_.elapsed_s()},
               {"files", Json::array()},
               {"failures", Json::array()}};
  for (const std::filesystem::path& file : summary.files) json["files"].push_back(file.string());
  for (const Summary::Failure& failure : summary.failures) {
    json["failures"].push_back({{"file", failure.file}, {"reason", failure.reason}});
  }
  json.update(summary.more);
  write(text, json.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace cloudmask
