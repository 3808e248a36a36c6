#pragma once

#include <cstdint>
#include <filesystem>
#include <source_location>
#include <string>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/run_record.h"
#include "cloudmask/report/record_json.h"

namespace cloudmask {

/// `mlperf_logfile`: the events of MLPerf's logging package (":::MLLOG" lines) in the reference program's order, which
/// docs/logs.md lists. Appended to and closed line by line. Every member throws Error when the file cannot be written.
class MlperfLog {
 public:
  /// run_start, the submission's fields, init_start.
  MlperfLog(const Config& config, std::filesystem::path file);

  void training_start(const MachineRecord& machine, const TrainingRecord& training);
  void epoch(const EpochRecord& epoch);
  void training_end(const TrainingRecord& training);
  void inference_start(const MachineRecord& machine);
  void inference_end(const InferenceRecord& inference);

  /// Accuracy of the masks of the inference scenes; `against` is "bayes" or "truth".
  void evaluation(double accuracy, const std::string& against);

  /// `status` is "success" or "aborted". Closes what is open.
  void run_stop(const std::string& status);

 private:
  enum class Type { kStart, kEnd, kPoint };
  void write(Type type, const std::string& key, const Json& value, const Json& metadata = Json::object(),
             const std::source_location& where = std::source_location::current());
  void write_at(std::int64_t time_ms, Type type, const std::string& key, const Json& value, const Json& metadata,
                const std::source_location& where);
  void machine(const MachineRecord& machine);
  void stop_init();

  std::filesystem::path file_;
  TrainingOptions options_;
  std::uint32_t seed_;
  std::int64_t last_ms_ = 0;
  bool in_init_ = true;
  std::string open_phase_;  ///< "Training", "Inference" or empty
};

}  // namespace cloudmask
