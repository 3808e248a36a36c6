#include "cloudmask/report/scaling_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/report/run_history.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

struct StudyFiles {
  std::vector<fs::path> runs;  // folders of run.jsonl
  std::vector<fs::path> json;
};

StudyFiles find_files(const fs::path& folder) {
  StudyFiles files;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error); !error && entry != fs::end(entry);
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.filename() == "run.jsonl") files.runs.push_back(path.parent_path());
    if (path.extension() == ".json") files.json.push_back(path);
  }
  if (error) throw Error(fmt::format("{}: cannot be searched: {}", folder.string(), error.message()));
  std::sort(files.runs.begin(), files.runs.end());
  std::sort(files.json.begin(), files.json.end());
  return files;
}

std::string name_below(const fs::path& folder, const fs::path& path) {
  const fs::path relative = path.lexically_relative(folder);
  return relative.empty() ? path.string() : relative.string();
}

std::string whole(double value) { return std::isfinite(value) ? fmt::format("{:.0f}", value) : "?"; }

/// That the training ran on.
const Json& machine_of(const RunHistory& history) {
  const Json& machine = object_in(history.training_start, "machine");
  return machine.is_object() ? machine : history.machine;
}

std::string settings_of(const RunHistory& history) {
  const Json& config = history.config;
  const Json& machine = machine_of(history);
  const Json& start = history.training_start;
  std::string text = fmt::format(
      "{} ({}), {} ({}), threads a rank {}, patches of {} px, filters {}, input {}, supervision {}, scenes {} + {}, "
      "cloudmask {}",
      text_in(machine, "device"), text_in(machine, "cpu"), text_in(machine, "precision"), text_in(machine, "kernels"),
      whole(number_in(machine, "threads")), whole(number_in(config, "PATCH_SIZE")),
      whole(number_in(config, "base_filters")), text_in(config, "normalisation"), text_in(config, "supervision"),
      whole(number_in(start, "training_scenes")), whole(number_in(start, "test_scenes")),
      text_in(history.run_start, "version"));
  if (text_in(config, "gradient_precision") == "bf16") text += ", gradients sent as bf16";
  const double target = number_in(config, "target_accuracy");
  return target > 0 ? text + fmt::format(", target accuracy {}", target) : text;
}

[[noreturn]] void skip(const std::string& reason) { throw Error(reason); }

/// Throws an Error that says what is missing.
double required(const Json& object, const std::string& key, double least) {
  const double value = number_in(object, key);
  const bool usable = value >= least && value < 1e15;  // not so with NaN
  if (!usable) skip(fmt::format("run.jsonl has no usable {}", key));
  return value;
}

RankLayout layout_of(const Json& machine) {
  const int ranks = static_cast<int>(std::min(required(machine, "ranks", 1), 1e6));
  const int nodes = static_cast<int>(std::min(required(machine, "nodes", 1), 1e6));
  if (ranks % nodes != 0) skip(fmt::format("{} ranks on {} machines are not as many on each", ranks, nodes));
  const int inside = ranks / nodes;
  const double threads = number_in(machine, "threads");
  const double cores = number_in(machine, "cores");
  if (text_in(machine, "device") == "cpu" && inside * threads > cores && cores > 0) {
    skip(fmt::format("{} ranks of {:.0f} threads share {:.0f} cores: that is no scaling", inside, threads, cores));
  }
  return {nodes, inside};
}

void add_epochs(ScalingRun& run, const RunHistory& history) {
  const double done_before = number_in(history.training_start, "epochs_done");
  std::vector<const Json*> epochs;
  for (const Json& epoch : history.epochs) {
    if (!(number_in(epoch, "epoch") <= done_before)) epochs.push_back(&epoch);  // others had perhaps other ranks
  }
  if (epochs.empty()) skip("it has trained no epoch");
  if (epochs.size() > 1) epochs.erase(epochs.begin());
  run.epochs = static_cast<int>(epochs.size());
  const auto mean = [&](const char* key, double least) {
    double sum = 0;
    for (const Json* epoch : epochs) sum += required(*epoch, key, least);
    return sum / static_cast<double>(epochs.size());
  };
  run.steps = mean("steps", 1);
  run.patches = mean("patches", 1);
  run.epoch_s = mean("time_s", 1e-9);
  run.compute_s = mean("compute_s", 0);
  run.sums_s = mean("all_reduce_s", 0);
  run.wait_data_s = mean("wait_data_s", 0);
  run.evaluate_s = mean("evaluate_s", 0);
  if (!(run.epoch_s - run.evaluate_s - run.sums_s > 0)) skip("the parts of its epochs add up to more than the whole");
  run.spread_s = 0;
  for (const Json* epoch : epochs) run.spread_s += number_in(*epoch, "compute_spread_s");
  run.spread_s /= static_cast<double>(epochs.size());
  if (done_before > 0) run.time_to_accuracy_s = std::nan("");
}

ScalingRun read_run(const fs::path& folder, const std::string& name) {
  const RunHistory history = read_run_history(folder);
  if (!history.training_end.is_object()) skip("its training has not ended");
  ScalingRun run;
  run.name = name;
  run.settings = settings_of(history);
  const Json& start = history.training_start;
  run.layout = layout_of(machine_of(history));
  run.batch_size = static_cast<int>(std::min(required(start, "batch_size", 1), 1e9));
  run.training_patches = number_in(start, "training_patches");
  run.test_patches = number_in(start, "test_patches");
  run.gradient_bytes = number_in(start, "gradient_bytes");
  run.gradient_messages = number_in(start, "gradient_messages");
  run.time_to_accuracy_s = number_in(history.training_end, "time_to_accuracy_s");
  add_epochs(run, history);
  return run;
}

/// Nothing when it is other JSON.
void add_sums(ScalingFiles& files, const fs::path& file, const std::string& name) {
  const Json json = Json::parse(read_file(file), nullptr, false);
  if (!json.is_object() || !json.contains("sizes") || !json["sizes"].is_array()) return;
  const double ranks = number_in(json, "ranks");
  const double nodes = number_in(json, "nodes");
  const bool even = ranks >= 2 && ranks <= 1e6 && nodes >= 1 && std::fmod(ranks, nodes) == 0;
  if (!even) {
    log_warning(fmt::format("{}: takes ranks (2 or more) and nodes that divide them; left out", file.string()));
    return;
  }
  const double sent_share = text_in(json, "sent_as") == "bf16" ? 0.5 : 1;  // message_bytes are those of fp32
  for (const Json& size : json["sizes"]) {
    const SumTime sum{{static_cast<int>(nodes), static_cast<int>(ranks / nodes)},
                      sent_share * number_in(size, "message_bytes"),
                      number_in(size, "time_s")};
    if (sum.bytes > 0 && sum.time_s > 0) files.sums.push_back(sum);
  }
  files.sum_files.push_back(name);
}

}  // namespace

ScalingFiles find_scaling_files(const fs::path& folder) {
  const StudyFiles found = find_files(folder);
  if (found.runs.empty()) {
    throw Error(
        fmt::format("{}: holds no run (a folder with run.jsonl); `make scaling` makes a study, and any "
                    "output_dir of `cloudmask train` is a run",
                    folder.string()));
  }
  ScalingFiles files;
  for (const fs::path& run : found.runs) {
    const std::string name = name_below(folder, run);
    try {
      files.runs.push_back(read_run(run, name));
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      log_warning(fmt::format("{} is left out: {}", run.string(), error.what()));
      files.skipped.push_back({name, error.what()});
    }
  }
  for (const fs::path& file : found.json) add_sums(files, file, name_below(folder, file));
  return files;
}

}  // namespace cloudmask
