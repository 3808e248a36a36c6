#include <fmt/format.h>

#include <limits>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/plain_errors.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/inference/mask_pipeline.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/parallel/processors.h"
#include "cloudmask/scene/evenly_spread.h"
#include "cloudmask/screening/bayesian_learner.h"
#include "cloudmask/screening/bayesian_screener.h"
#include "cloudmask/screening/bayesian_tables_file.h"
#include "cloudmask/screening/threshold_screener.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

ThresholdTests tests_of(const fs::path& file) {
  return file.empty() ? default_threshold_tests() : read_threshold_tests(file);
}

ProgressRecord learning_progress(std::size_t done, std::size_t total, double time_s) {
  ProgressRecord progress;
  progress.activity = "learning";
  progress.done = static_cast<std::int64_t>(done);
  progress.total = static_cast<std::int64_t>(total);
  progress.items_per_s = static_cast<double>(done) / time_s;
  progress.loss = std::numeric_limits<double>::quiet_NaN();
  return progress;
}

}  // namespace

std::unique_ptr<Screener> make_screener(ScreeningMethod method, const fs::path& method_file, const Config& config) {
  if (method == ScreeningMethod::kBayesian) return std::make_unique<BayesianScreener>(method_file, config);
  return std::make_unique<ThresholdScreener>(tests_of(method_file), config);
}

InferenceRecord screen(ScreeningMethod method, const fs::path& method_file, const Config& config,
                       const fs::path& output_dir, const std::vector<fs::path>& scenes, RunListener& listener,
                       Communicator& ranks) {
  return with_plain_errors([&] {
    std::unique_ptr<Screener> screener;
    do_on_all(ranks, [&] { screener = make_screener(method, method_file, config); });
    do_on_first(ranks, [&] { listener.on_inference_start(describe_processors(config.machine.threads, ranks), {}); });
    InferenceRecord record =
        mask_scenes(*screener, scenes, pipeline_options(config, output_dir, method_file), listener, ranks);
    do_on_first(ranks, [&] { listener.on_inference_end(record); });
    return record;
  });
}

void learn_tables(const fs::path& tables_file, const fs::path& tests_file, const Config& config,
                  const std::vector<fs::path>& scenes, RunListener& listener) {
  const ThresholdTests tests = tests_of(tests_file);
  const std::vector<fs::path> chosen = evenly_spread(scenes, kMostLearningScenes);
  BayesianLearner learner;
  SceneFeatures features;
  Stopwatch watch;
  std::size_t failed = 0;
  std::string last_fault;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    try {
      ReadOptions options;
      options.want_label = false;
      options.want_truth = false;
      options.reflectance_grid = config.data.reflectance_grid;
      options.view = config.data.view;
      options.threads = config.machine.threads;
      features.compute(read_scene(chosen[i], options), config.machine.threads);
      learner.add(features, weigh_evidence(features, tests, config.machine.threads));
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      last_fault = error.what();
      ++failed;
      log_warning("not learnt from: " + last_fault);
    }
    listener.on_progress(learning_progress(i + 1, chosen.size(), watch.elapsed_s()));
  }
  if (failed == chosen.size()) throw Error("no scene could be learnt from: " + last_fault);
  BayesianTables tables = learner.learn();
  tables.origin = fmt::format("learnt without labels from {} pixels of {} scenes, started from {}", learner.pixels(),
                              chosen.size() - failed, tests.name);
  tables.view = config.data.view;
  write_bayesian_tables(tables_file, tables);
  log_info(fmt::format("tables {}: {}", tables.origin, tables_file.string()));
}

}  // namespace cloudmask
