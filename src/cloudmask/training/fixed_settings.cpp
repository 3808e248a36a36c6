#include "cloudmask/training/fixed_settings.h"

#include <fmt/format.h>

namespace cloudmask {

std::map<std::string, std::string> fixed_settings(const Config& config, const PatchStore& training_store,
                                                  const Labeller& labeller) {
  const auto text = [](auto value) { return fmt::format("{}", value); };
  const TrainingOptions& t = config.training;
  return {{"PATCH_SIZE", text(config.data.patch_size_px)},
          {"augment", text(config.data.augment)},
          {"temperature_jitter_k", text(config.data.temperature_jitter_k)},
          {"reflectance_jitter", text(config.data.reflectance_jitter)},
          {"base_filters", text(config.model.base_filters)},
          {"batch_size", text(t.batch_size)},
          {"cloud_optics", config.training.cloud_optics.string()},
          {"label_smoothing", text(t.label_smoothing)},
          {"loss", t.loss == LossKind::kBce ? "bce" : "weighted_bce"},
          {"normalisation", std::string(to_string(config.model.normalisation))},
          {"positive_weight", text(t.positive_weight)},
          {"seed", text(config.machine.seed)},
          {"supervision", std::string(to_string(t.supervision))},
          {"teacher", fmt::format("{:016x}", labeller.fingerprint())},
          {"train_split", text(config.data.train_split)},
          {"training scenes", text(training_store.scenes())},
          {"view", std::string(to_string(config.data.view))},
          {"weight_decay", text(t.weight_decay)}};
}

}  // namespace cloudmask
