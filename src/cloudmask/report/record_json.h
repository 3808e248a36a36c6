#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/bootstrap.h"
#include "cloudmask/metrics/run_record.h"
#include "cloudmask/metrics/scores.h"

namespace cloudmask {

/// Keeps the order in which keys are written: people read these files too.
using Json = nlohmann::ordered_json;

/// JSON knows no NaN and no infinity: null.
Json number_or_null(double value);

Json to_json(const Estimate& estimate);
Json to_json(const Scores& scores);
Json to_json(const MachineRecord& machine);
Json to_json(const EpochRecord& epoch);
Json to_json(const TrainingRecord& training);  ///< without its epochs
Json to_json(const SceneRecord& scene);
Json to_json(const InferenceRecord& inference);  ///< without its scenes

/// Every key of the configuration file with its value.
Json to_json(const Config& config);

/// One line. Bytes that are not UTF-8 (file names may hold any) are replaced.
std::string dump_line(const Json& json);

/// 2026-11-24T02:40:28Z
std::string utc_time(std::int64_t unix_ms);

/// Epochs' mean wall time, NaN without epochs: divided by the epochs really run.
double time_per_epoch_s(const TrainingRecord& training);

/// Scenes masked by this run: not skipped, not failed.
std::int64_t masked_scenes(const InferenceRecord& inference);

/// NaN when nothing was masked.
double time_per_inference_s(const InferenceRecord& inference);

}  // namespace cloudmask
