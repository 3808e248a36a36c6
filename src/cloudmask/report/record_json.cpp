#include "cloudmask/report/record_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <numeric>

#include "cloudmask/config/config_file.h"

namespace cloudmask {
namespace {

/// YAML scalars as the JSON they look like; quoted ones stay text.
Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "true" || text == "false") return text == "true";
  long long integer = 0;
  if (YAML::convert<long long>::decode(node, integer)) return integer;
  double real = 0;
  if (YAML::convert<double>::decode(node, real)) return number_or_null(real);
  return text;
}

}  // namespace

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json to_json(const Estimate& estimate) {
  return {{"value", number_or_null(estimate.value)},
          {"low", number_or_null(estimate.low)},
          {"high", number_or_null(estimate.high)}};
}

Json to_json(const Scores& scores) {
  return {{"accuracy", number_or_null(scores.accuracy)},
          {"balanced_accuracy", number_or_null(scores.balanced_accuracy)},
          {"hit_rate", number_or_null(scores.hit_rate)},
          {"false_alarm_rate", number_or_null(scores.false_alarm_rate)},
          {"true_skill", number_or_null(scores.true_skill)},
          {"f1", number_or_null(scores.f1)},
          {"iou", number_or_null(scores.iou)},
          {"log_loss", number_or_null(scores.log_loss)},
          {"pixels", scores.pixels}};
}

Json to_json(const MachineRecord& machine) {
  return {{"cpu", machine.cpu},
          {"device", machine.device},
          {"precision", machine.precision},
          {"kernels", machine.kernels},
          {"libtorch", machine.libtorch},
          {"threads", machine.threads},
          {"cores", machine.cores},
          {"ranks", machine.ranks},
          {"nodes", machine.nodes},
          {"accelerators_per_node", machine.accelerators_per_node}};
}

Json to_json(const EpochRecord& epoch) {
  return {{"epoch", epoch.epoch},
          {"train_loss", number_or_null(epoch.train_loss)},
          {"train_accuracy", number_or_null(epoch.train_accuracy)},
          {"test_loss", number_or_null(epoch.test_loss)},
          {"test_accuracy", number_or_null(epoch.test_accuracy)},
          {"time_s", number_or_null(epoch.time_s)},
          {"wait_data_s", number_or_null(epoch.wait_data_s)},
          {"compute_s", number_or_null(epoch.compute_s)},
          {"all_reduce_s", number_or_null(epoch.all_reduce_s)},
          {"evaluate_s", number_or_null(epoch.evaluate_s)},
          {"compute_spread_s", number_or_null(epoch.compute_spread_s)},
          {"steps", epoch.steps},
          {"patches", epoch.patches},
          {"learning_rate", number_or_null(epoch.learning_rate)}};
}

Json to_json(const TrainingRecord& training) {
  return {{"training_scenes", training.training_scenes},
          {"test_scenes", training.test_scenes},
          {"batch_size", training.batch_size},
          {"epochs_configured", training.epochs_configured},
          {"epochs", training.epochs.size()},
          {"best_epoch", training.best_epoch},
          {"best_test_accuracy", number_or_null(training.best_test_accuracy)},
          {"time_s", number_or_null(training.time_s)},
          {"time_per_epoch_s", number_or_null(time_per_epoch_s(training))},
          {"time_to_accuracy_s", number_or_null(training.time_to_accuracy_s)},
          {"peak_memory_bytes", training.peak_memory_bytes},
          {"energy_j", number_or_null(training.energy_j)},
          {"stopped_because", training.stopped_because}};
}

Json to_json(const SceneRecord& scene) {
  return {{"name", scene.name},
          {"read_s", number_or_null(scene.read_s)},
          {"compute_s", number_or_null(scene.compute_s)},
          {"write_s", number_or_null(scene.write_s)},
          {"cloud_fraction", number_or_null(scene.cloud_fraction)},
          {"skipped", scene.skipped},
          {"error", scene.error}};
}

Json to_json(const InferenceRecord& inference) {
  const auto count = [&](auto&& wanted) {
    return std::count_if(inference.scenes.begin(), inference.scenes.end(), wanted);
  };
  return {{"scenes", inference.scenes.size()},
          {"masked", masked_scenes(inference)},
          {"skipped", count([](const SceneRecord& scene) { return scene.skipped; })},
          {"failed", count([](const SceneRecord& scene) { return !scene.error.empty(); })},
          {"batch_size", inference.batch_size},
          {"tile_mode", inference.tile_mode},
          {"time_s", number_or_null(inference.time_s)},
          {"time_per_inference_s", number_or_null(time_per_inference_s(inference))},
          {"peak_memory_bytes", inference.peak_memory_bytes}};
}

Json to_json(const Config& config) {
  Json json = Json::object();
  const YAML::Node keys = YAML::Load(to_yaml(config));
  for (const auto& pair : keys) {
    json[pair.first.Scalar()] = pair.second.IsScalar() ? scalar(pair.second) : Json("");
  }
  return json;
}

std::string dump_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string utc_time(std::int64_t unix_ms) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(unix_ms / 1000)));
}

double time_per_epoch_s(const TrainingRecord& training) {
  if (training.epochs.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double total_s = std::accumulate(training.epochs.begin(), training.epochs.end(), 0.0,
                                         [](double sum, const EpochRecord& epoch) { return sum + epoch.time_s; });
  return total_s / static_cast<double>(training.epochs.size());
}

std::int64_t masked_scenes(const InferenceRecord& inference) {
  return std::count_if(inference.scenes.begin(), inference.scenes.end(),
                       [](const SceneRecord& scene) { return !scene.skipped && scene.error.empty(); });
}

double time_per_inference_s(const InferenceRecord& inference) {
  const std::int64_t masked = masked_scenes(inference);
  return masked > 0 ? inference.time_s / static_cast<double>(masked) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace cloudmask
