#include "cloudmask/report/run_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"

namespace cloudmask {
namespace {

void start_process(RunHistory& history, const Json& event) {
  history.run_start = event;
  history.config = object_in(event, "config");
  history.machine = object_in(event, "machine");
  history.errors.clear();
  history.status.clear();
}

/// A training from scratch forgets the epochs before it; a resumed one those after its checkpoint. Its model has made
/// no mask yet.
void start_training(RunHistory& history, const Json& event) {
  const double done = number_in(event, "epochs_done");
  std::erase_if(history.epochs, [&](const Json& epoch) { return !(number_in(epoch, "epoch") <= done); });
  history.training_start = event;
  history.training_end = nullptr;
  history.inference_end = nullptr;
  history.scenes.clear();
  history.evaluation = nullptr;
}

/// Scores belong to the masks before it.
void start_inference(RunHistory& history) {
  history.inference_end = nullptr;
  history.evaluation = nullptr;
}

void add_epoch(RunHistory& history, const Json& event) {
  const double number = number_in(event, "epoch");
  std::erase_if(history.epochs, [&](const Json& epoch) { return number_in(epoch, "epoch") == number; });
  history.epochs.push_back(event);
}

/// A scene that was skipped keeps the times of the inference that made its mask.
void add_scene(RunHistory& history, const Json& event) {
  const auto same = std::find_if(history.scenes.begin(), history.scenes.end(),
                                 [&](const Json& scene) { return text_in(scene, "name") == text_in(event, "name"); });
  if (same == history.scenes.end()) {
    history.scenes.push_back(event);
  } else if (!is_true(event, "skipped")) {
    *same = event;
  }
}

void add_event(RunHistory& history, const Json& event) {
  const std::string kind = text_in(event, "event");
  if (kind == "run_start") start_process(history, event);
  if (kind == "training_start") start_training(history, event);
  if (kind == "epoch") add_epoch(history, event);
  if (kind == "training_end") history.training_end = event;
  if (kind == "inference_start") start_inference(history);
  if (kind == "scene") add_scene(history, event);
  if (kind == "inference_end") history.inference_end = event;
  if (kind == "evaluation") history.evaluation = event;
  if (kind == "error") history.errors.push_back(text_in(event, "message"));
  if (kind == "run_end") history.status = text_in(event, "status");
}

}  // namespace

RunHistory read_run_history(const std::filesystem::path& run_dir) {
  const std::filesystem::path file = run_dir / "run.jsonl";
  if (!std::filesystem::is_regular_file(file)) {
    throw Error(run_dir.string() +
                " holds no run: run.jsonl is not there; give the output_dir of a finished or running `cloudmask run`, "
                "`train` or `infer`");
  }
  std::istringstream lines(read_file(file));
  RunHistory history;
  int number = 0;
  int events = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty()) continue;
    const Json event = Json::parse(line, nullptr, false);
    if (!event.is_object()) {
      log_warning(fmt::format("{}: line {} is no JSON object and is left out (a killed run may leave one)",
                              file.string(), number));
      continue;
    }
    add_event(history, event);
    ++events;
  }
  if (events == 0) throw Error(file.string() + " holds no event yet: wait until the run has started, or start it anew");
  return history;
}

bool is_true(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

double number_in(const Json& object, const std::string& key) {
  if (object.is_object()) {
    const auto found = object.find(key);
    if (found != object.end() && found->is_number()) return found->get<double>();
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::string text_in(const Json& object, const std::string& key) {
  if (object.is_object()) {
    const auto found = object.find(key);
    if (found != object.end() && found->is_string()) return found->get<std::string>();
  }
  return "";
}

const Json& object_in(const Json& object, const std::string& key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : kNull;
}

}  // namespace cloudmask
