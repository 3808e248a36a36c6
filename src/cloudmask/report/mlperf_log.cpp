#include "cloudmask/report/mlperf_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/files.h"

namespace cloudmask {
namespace {

/// The path below the source tree: where the program was compiled is nobody's business.
std::string short_name(std::string_view file) {
  const auto start = file.rfind("cloudmask/");
  return std::string(start == std::string_view::npos ? file : file.substr(start));
}

}  // namespace

MlperfLog::MlperfLog(const Config& config, std::filesystem::path file)
    : file_(std::move(file)), options_(config.training), seed_(config.machine.seed) {
  write(Type::kStart, "run_start", "CloudMask benchmark run start");
  write(Type::kPoint, "submission_benchmark", config.report.benchmark);
  write(Type::kPoint, "submission_org", config.report.organisation);
  write(Type::kPoint, "submission_division", config.report.division);
  write(Type::kPoint, "submission_status", config.report.status);
  write(Type::kPoint, "submission_platform", config.report.platform);
  write(Type::kStart, "init_start", nullptr);
}

void MlperfLog::machine(const MachineRecord& machine) {
  write(Type::kPoint, "number_of_ranks", machine.ranks);
  write(Type::kPoint, "number_of_nodes", machine.nodes);
  write(Type::kPoint, "accelerators_per_node", machine.accelerators_per_node);
}

void MlperfLog::stop_init() {
  write(Type::kEnd, "init_stop", nullptr);
  in_init_ = false;
}

void MlperfLog::training_start(const MachineRecord& machine_record, const TrainingRecord& training) {
  if (in_init_) {
    const Json scenes = {{"unit", "scenes"}};
    machine(machine_record);
    write(Type::kPoint, "seed", seed_);
    write(Type::kPoint, "global_batch_size", training.batch_size);
    write(Type::kPoint, "train_samples", training.training_scenes, scenes);
    write(Type::kPoint, "eval_samples", training.test_scenes, scenes);
    write(Type::kPoint, "opt_name", options_.weight_decay > 0 ? "adamw" : "adam");
    write(Type::kPoint, "opt_base_learning_rate", options_.learning_rate);
    stop_init();
  }
  open_phase_ = "Training";
  Json metadata = Json::object();
  if (!training.epochs.empty()) metadata["resumed_after_epoch"] = training.epochs.back().epoch;
  write(Type::kStart, "eval_start", "Start: Training", metadata);
}

void MlperfLog::epoch(const EpochRecord& epoch) {
  const Json number = {{"epoch_num", epoch.epoch}};
  const auto duration_ms = static_cast<std::int64_t>(std::isfinite(epoch.time_s) ? epoch.time_s * 1000.0 : 0.0);
  write_at(unix_time_ms() - duration_ms, Type::kStart, "epoch_start", nullptr, number, std::source_location::current());
  if (std::isfinite(epoch.test_accuracy)) write(Type::kPoint, "eval_accuracy", epoch.test_accuracy, number);
  write(Type::kEnd, "epoch_stop", nullptr, number);
}

void MlperfLog::training_end(const TrainingRecord& training) {
  write(Type::kEnd, "eval_stop", "Stop: Training",
        {{"epochs", training.epochs.size()},
         {"best_epoch", training.best_epoch},
         {"best_test_accuracy", number_or_null(training.best_test_accuracy)},
         {"time_to_accuracy_s", number_or_null(training.time_to_accuracy_s)},
         {"energy_j", number_or_null(training.energy_j)}});
  open_phase_.clear();
}

void MlperfLog::inference_start(const MachineRecord& machine_record) {
  if (in_init_) {
    machine(machine_record);
    write(Type::kPoint, "seed", seed_);
    stop_init();
  }
  open_phase_ = "Inference";
  write(Type::kStart, "eval_start", "Start: Inference");
}

void MlperfLog::inference_end(const InferenceRecord& inference) {
  write(Type::kEnd, "eval_stop", "Stop: Inference",
        {{"inferences", masked_scenes(inference)},
         {"time_per_inference_s", number_or_null(time_per_inference_s(inference))}});
  open_phase_.clear();
}

void MlperfLog::evaluation(double accuracy, const std::string& against) {
  write(Type::kPoint, "eval_accuracy", number_or_null(accuracy), {{"scenes", "inference"}, {"against", against}});
}

void MlperfLog::run_stop(const std::string& status) {
  if (in_init_) stop_init();
  if (!open_phase_.empty()) write(Type::kEnd, "eval_stop", "Stop: " + open_phase_, {{"status", status}});
  open_phase_.clear();
  write(Type::kEnd, "run_stop", "CloudMask benchmark run finished", {{"status", status}});
}

void MlperfLog::write(Type type, const std::string& key, const Json& value, const Json& metadata,
                      const std::source_location& where) {
  write_at(unix_time_ms(), type, key, value, metadata, where);
}

void MlperfLog::write_at(std::int64_t time_ms, Type type, const std::string& key, const Json& value,
                         const Json& metadata, const std::source_location& where) {
  last_ms_ = std::max(last_ms_, time_ms);  // also when the clock of the machine is set back
  Json place = {{"file", short_name(where.file_name())}, {"lineno", where.line()}};
  place.update(metadata);
  const char* type_name = type == Type::kStart ? "INTERVAL_START"
                          : type == Type::kEnd ? "INTERVAL_END"
                                               : "POINT_IN_TIME";
  // Spaces as Python writes them: people search these logs for texts such as "key": "run_stop".
  append_to_file(
      file_, fmt::format(":::MLLOG {{\"namespace\": \"\", \"time_ms\": {}, \"event_type\": \"{}\", \"key\": \"{}\", "
                         "\"value\": {}, \"metadata\": {}}}\n",
                         last_ms_, type_name, key, dump_line(value), dump_line(place)));
}

}  // namespace cloudmask
