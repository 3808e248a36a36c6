#include "cloudmask/app/dry_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "cloudmask/app/describe_bytes.h"
#include "cloudmask/app/output_check.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/benchmark.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/data/cloud_pasting.h"
#include "cloudmask/data/packed_patches.h"
#include "cloudmask/data/split.h"
#include "cloudmask/metrics/resources.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/model/step_memory.h"
#include "cloudmask/report/progress.h"
#include "cloudmask/scene/map_file.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// What the run will take, as far as the checks have found out.
struct Plan {
  bool training = false;
  bool inference = false;
  bool fits_in_memory = true;
  double training_steps = 0;  ///< of all epochs
  double evaluation_steps = 0;
  double cache_bytes = 0;
  int scenes = 0;  ///< to find clouds in
  double scene_pixels = 0;
};

/// What was found out about one scene.
struct SceneCheck {
  SceneInfo info;
  std::string fault;
};

SceneCheck check_scene(const fs::path& file, const ReadOptions& wanted, bool headers_only) {
  SceneCheck check;
  try {
    check.info = inspect_scene(file, wanted);
    if (!headers_only) read_scene(file, wanted);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    check.fault = error.what();
  }
  return check;
}

ReadOptions read_by_training(const Config& config) {
  const bool labels = config.training.supervision != Supervision::kNone;
  return {.want_label = labels,
          .need_label = labels,
          .want_truth = false,
          .reflectance_grid = config.data.reflectance_grid,
          .view = config.data.view};
}

ReadOptions read_by_inference(const Config& config) {
  return {.want_label = false,
          .want_truth = false,
          .want_geolocation = config.inference.mask_format != MaskFormat::kHdf5,
          .reflectance_grid = config.data.reflectance_grid,
          .view = config.data.view};
}

std::vector<SceneCheck> check_scenes(const std::string& key, const std::vector<fs::path>& files,
                                     const ReadOptions& wanted, const DryRunOptions& options, int threads) {
  std::vector<SceneCheck> checks(files.size());
  std::mutex one_at_a_time;
  ProgressRecord progress;
  progress.activity = "reading " + key;
  progress.total = static_cast<std::int64_t>(files.size());
  const auto check = [&](std::size_t i) {
    checks[i] = check_scene(files[i], wanted, options.headers_only);
    const std::lock_guard lock(one_at_a_time);
    ++progress.done;
    options.on_progress(progress);
  };
  parallel_for(files.size(), check, threads);
  return checks;
}

double mask_bytes(const Plan& plan) { return sizeof(float) * plan.scene_pixels; }

/// The files, or a fault.
std::vector<fs::path> scenes_or_fault(const std::string& key, const fs::path& folder, DryRun& result) {
  try {
    return scenes_of_key(key, folder);
  } catch (const Error& error) {
    result.faults.push_back(error.what());
    return {};
  }
}

void add_scene_faults(const std::vector<SceneCheck>& checks, const std::string& remedy, DryRun& result) {
  for (const SceneCheck& check : checks) {
    if (!check.fault.empty()) result.faults.push_back(check.fault + "; " + remedy);
  }
}

std::int64_t patches_in(const SceneCheck& check, int patch_size_px) {
  if (!check.fault.empty()) return 0;
  return make_patch_grid(check.info.height_px, check.info.width_px, patch_size_px).count();
}

void plan_training(const std::vector<SceneCheck>& checks, const Config& config, Plan& plan, DryRun& result) {
  const int patch_px = config.data.patch_size_px;
  const auto count = [&](const std::vector<int>& scenes) {
    std::int64_t patches = 0;
    for (const int scene : scenes) patches += patches_in(checks[static_cast<std::size_t>(scene)], patch_px);
    return patches;
  };
  try {
    const Split split = split_scenes(static_cast<int>(checks.size()), config.data.train_split);
    const std::int64_t training = count(split.training);
    const std::int64_t test = count(split.test);
    const std::int64_t steps = std::max<std::int64_t>(training / config.training.batch_size, training > 0 ? 1 : 0);
    result.facts.push_back(fmt::format(
        "training: {} scenes ({} patches) to train on, {} ({}) to test on; {} epochs of {} steps of {} patches",
        split.training.size(), training, split.test.size(), test, config.training.epochs, steps,
        config.training.batch_size));
    const auto batch_size = static_cast<double>(config.training.batch_size);
    plan.training_steps = static_cast<double>(steps) * config.training.epochs;
    plan.evaluation_steps = std::ceil(static_cast<double>(test) / batch_size) *
                            std::ceil(1.0 * config.training.epochs / config.training.validate_every);
    plan.cache_bytes =
        static_cast<double>(packed_bytes(training + test, patch_px, input_channels(config.model.normalisation)));
    if (training == 0 || test == 0) {
      result.faults.push_back(
          fmt::format("train_dir: no whole patch of {} px to {} on; set a smaller PATCH_SIZE or add scenes", patch_px,
                      training == 0 ? "train" : "test"));
    }
  } catch (const Error& error) {
    result.faults.push_back(std::string("train_split: ") + error.what());
  }
}

void check_training(const Config& config, const DryRunOptions& options, Plan& plan, DryRun& result) {
  const std::vector<fs::path> files = scenes_or_fault("train_dir", config.data.train_dir, result);
  if (files.empty()) return;
  const std::vector<SceneCheck> checks =
      check_scenes("train_dir", files, read_by_training(config), options, config.machine.threads);
  if (config.data.keep_going) {
    for (const SceneCheck& check : checks) {
      if (!check.fault.empty()) result.facts.push_back("left out (keep_going): " + check.fault);
    }
  } else {
    add_scene_faults(checks, "replace or remove it, or set keep_going: true to train without it", result);
  }
  try {
    make_patch_edit(config);
  } catch (const Error& error) {
    result.faults.push_back(std::string("cloud_optics: ") + error.what());
  }
  plan_training(checks, config, plan, result);
}

void check_inference(const Config& config, const DryRunOptions& options, Plan& plan, DryRun& result) {
  const std::vector<fs::path> files = scenes_or_fault("inference_dir", config.data.inference_dir, result);
  const std::vector<SceneCheck> checks =
      check_scenes("inference_dir", files, read_by_inference(config), options, config.machine.threads);
  add_scene_faults(checks, "replace or remove it; infer leaves it out", result);
  try {
    if (config.inference.mask_format == MaskFormat::kGeotiff) require_map_grid(config.inference.mask_grid);
  } catch (const Error& error) {
    result.faults.push_back(error.what());
  }
  for (const SceneCheck& check : checks) {
    plan.scenes += check.fault.empty() ? 1 : 0;
    plan.scene_pixels += 1.0 * check.info.height_px * check.info.width_px;
  }
  if (!files.empty()) {
    result.facts.push_back(
        fmt::format("inference: {} scenes, masks of {}", files.size(), describe_bytes(mask_bytes(plan))));
  }
}

void check_machine(const Config& config, Plan& plan, DryRun& result) {
  MachineRecord machine;
  try {
    machine = describe_machine(config);
  } catch (const Error& error) {
    result.faults.push_back(std::string("device: ") + error.what());
    plan.fits_in_memory = false;
    return;
  }
  result.facts.push_back(fmt::format("machine: {}, {} threads, device {}, {}", machine.cpu, machine.threads,
                                     machine.device, machine.precision));
  const auto free_bytes = static_cast<double>(available_memory_bytes());
  if (!plan.training || free_bytes <= 0) return;
  const std::size_t value_bytes = machine.precision == "bf16" ? 2 : 4;
  const double needed_bytes = step_bytes(config, value_bytes, config.training.batch_size);
  result.facts.push_back(fmt::format("memory: about {} for a training step, besides the patches; {} available",
                                     describe_bytes(needed_bytes), describe_bytes(free_bytes)));
  if (machine.device == "cpu" && needed_bytes > free_bytes) {
    plan.fits_in_memory = false;
    result.facts.push_back(fmt::format("batch_size: so the {} patches of a step will be computed some at a time",
                                       config.training.batch_size));
  }
}

void check_model(const Config& config, DryRun& result) {
  const std::string place = "model_file: ";
  std::error_code unreadable;  // read_model says why
  if (!fs::exists(config.report.model_file, unreadable) && !unreadable) {
    result.faults.push_back(place + "no such file: " + config.report.model_file.string() +
                            "; make one with `cloudmask train`, which takes train_dir");
    return;
  }
  try {
    read_model(config.report.model_file);
  } catch (const Error& error) {
    result.faults.push_back(place + error.what());
  }
}

/// Those that are there are replaced one by one.
double bytes_in_cache(const fs::path& folder) {
  double bytes = 0;
  std::error_code failure;
  for (fs::directory_iterator file(folder, failure), end; !failure && file != end; file.increment(failure)) {
    std::error_code vanished;
    if (file->path().extension() == ".patches") bytes += static_cast<double>(file->file_size(vanished));
  }
  return bytes;
}

void check_outputs(const Config& config, const Plan& plan, DryRun& result) {
  constexpr double kModelBytes = 64.0 * (1 << 20);  // model, checkpoint and logs
  using Kind = OutputCheck::Kind;
  OutputCheck outputs;
  outputs.add("output_dir", Kind::kFolder, config.report.output_dir, mask_bytes(plan));
  outputs.add("log_file", Kind::kLog, config.report.log_file);
  outputs.add("mlperf_logfile", Kind::kLog, config.report.mlperf_logfile);
  if (plan.training) {
    outputs.add("model_file", Kind::kWholeFile, config.report.model_file, kModelBytes);
    outputs.add("model_file", Kind::kWholeFile, checkpoint_path(config.report.model_file));
    const fs::path& cache = config.data.cache_dir;
    if (!cache.empty()) {
      result.facts.push_back("cache_dir: patches of " + describe_bytes(plan.cache_bytes));
      outputs.add("cache_dir", Kind::kFolder, cache, std::max(plan.cache_bytes - bytes_in_cache(cache), 0.0));
    }
  }
  for (const std::string& fault : outputs.faults()) result.faults.push_back(fault);
}

/// Needs everything that the run needs, so only where no fault is in the way.
void estimate_time(const Config& config, const Plan& plan, DryRun& result) {
  try {
    const PieceTimes times = time_pieces(config, plan.training, plan.inference);
    std::string words = "time:";
    if (plan.training) {
      words += fmt::format(" about {} for training ({} steps of {:.3g} s, and evaluation)",
                           describe_duration(plan.training_steps * times.training_step_s +
                                             plan.evaluation_steps * times.evaluation_step_s),
                           plan.training_steps, times.training_step_s);
    }
    if (plan.training && plan.inference) words += ",";
    if (plan.inference) {
      words += fmt::format(" about {} for the masks of {} scenes",
                           describe_duration(plan.scene_pixels * times.inference_s_per_px), plan.scenes);
    }
    result.facts.push_back(words + "; an estimate from one step and one tile timed here, reading comes on top");
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    result.faults.push_back(std::string("a step on random patches failed: ") + error.what());
  }
}

}  // namespace

DryRun dry_run(const Config& config, const DryRunOptions& options) {
  DryRun result;
  Plan plan;
  plan.training = !config.data.train_dir.empty();
  plan.inference = !config.data.inference_dir.empty();
  check_machine(config, plan, result);
  if (plan.training) check_training(config, options, plan, result);
  if (plan.inference) check_inference(config, options, plan, result);
  if (!plan.training && !plan.inference) {
    result.faults.push_back("train_dir and inference_dir are not set; set one or both to folders of scenes");
  }
  const std::size_t faults_before = result.faults.size();
  if (!plan.training) check_model(config, result);
  const bool has_network = result.faults.size() == faults_before;
  check_outputs(config, plan, result);
  if (!options.headers_only && plan.fits_in_memory && has_network && (plan.training || plan.inference)) {
    estimate_time(config, plan, result);
  }
  return result;
}

}  // namespace cloudmask
