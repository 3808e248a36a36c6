#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/report/record_json.h"

namespace cloudmask {

/// What `run.jsonl` tells about a run, over all the processes that wrote to it. Objects are null where nothing was
/// logged; their fields are those of docs/logs.md.
struct RunHistory {
  Json config;  ///< of the last process
  Json machine;
  Json run_start;
  Json training_start;
  std::vector<Json> epochs;  ///< as the last training ran them: what a resumed run repeated counts once
  Json training_end;
  Json inference_end;  ///< this and the next two: of masks that the last training's model made
  std::vector<Json> scenes;
  Json evaluation;                  ///< null when masks were made after it
  std::vector<std::string> errors;  ///< of the last process
  std::string status;               ///< of the last process; empty: still running, or killed
};

/// Reads `<run_dir>/run.jsonl`. A line that is no JSON object (a killed run leaves one) is left out with a warning.
/// Throws Error when there is no such file or no event in it.
RunHistory read_run_history(const std::filesystem::path& run_dir);

// Fields of an object that anyone may have edited.
bool is_true(const Json& object, const std::string& key);
double number_in(const Json& object, const std::string& key);       ///< NaN when it is not there or not a number
std::string text_in(const Json& object, const std::string& key);    ///< empty when it is not there or not a text
const Json& object_in(const Json& object, const std::string& key);  ///< null when it is not there or not an object

}  // namespace cloudmask
