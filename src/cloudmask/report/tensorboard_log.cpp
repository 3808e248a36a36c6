#include "cloudmask/report/tensorboard_log.h"

#include <algorithm>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/report/quicklook.h"
#include "cloudmask/scene/evenly_spread.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

constexpr int kPictureSide_px = 400;
constexpr std::size_t kMostPictures = 4;

Image side_by_side(const std::vector<Image>& images) {
  constexpr int kGap_px = 4;
  constexpr Rgb kGapColour{255, 255, 255};
  Image row;
  row.height_px = images.front().height_px;
  for (int y = 0; y < row.height_px; ++y) {
    for (const Image& image : images) {
      CM_CHECK(image.height_px == row.height_px);
      if (&image != &images.front()) row.pixels.insert(row.pixels.end(), kGap_px, kGapColour);
      const auto line = image.pixels.begin() + static_cast<std::ptrdiff_t>(y) * image.width_px;
      row.pixels.insert(row.pixels.end(), line, line + image.width_px);
    }
  }
  row.width_px = static_cast<int>(row.pixels.size()) / row.height_px;
  return row;
}

// False colour, label where there is one, mask.
Image picture(const fs::path& scene_file, const fs::path& mask_file, View view) {
  const Scene scene = read_scene(scene_file, {.view = view});
  std::vector<Image> images{false_colour(scene, kPictureSide_px)};
  if (!scene.label.empty()) images.push_back(class_picture(scene, scene.label, kPictureSide_px));
  images.push_back(mask_picture(read_mask(mask_file, scene).mask, kPictureSide_px));
  return side_by_side(images);
}

}  // namespace

TensorboardLog::TensorboardLog(const Config& config)
    : config_(config), file_(config.report.output_dir / "tensorboard") {}

void TensorboardLog::training_start(const TrainingRecord& training) {
  step_ = training.epochs.empty() ? 0 : training.epochs.back().epoch;
  file_.begin_at(step_ + 1);
  file_.add_parameters(to_json(config_));
}

void TensorboardLog::epoch(const EpochRecord& epoch) {
  step_ = epoch.epoch;
  file_.add_scalars(step_, {{"loss/train", epoch.train_loss},
                            {"loss/test", epoch.test_loss},
                            {"accuracy/train", epoch.train_accuracy},
                            {"accuracy/test", epoch.test_accuracy},
                            {"learning_rate", epoch.learning_rate},
                            {"time_s/epoch", epoch.time_s},
                            {"time_s/wait_data", epoch.wait_data_s},
                            {"time_s/compute", epoch.compute_s},
                            {"time_s/all_reduce", epoch.all_reduce_s},
                            {"time_s/evaluate", epoch.evaluate_s}});
}

void TensorboardLog::masks() const {
  std::vector<fs::path> scenes = find_scenes(config_.data.inference_dir);
  const View view = config_.data.view;
  const auto mask_of = [&](const fs::path& scene) { return find_mask(config_.report.output_dir, scene, view); };
  std::erase_if(scenes, [&](const fs::path& scene) { return !mask_counts(mask_of(scene), config_.report.model_file); });
  for (const fs::path& scene : evenly_spread(scenes, kMostPictures)) {
    try {
      file_.add_image(step_, "masks/" + result_name(scene, view), picture(scene, mask_of(scene), view));
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      log_warning(std::string("left out of TensorBoard's pictures: ") + error.what());
    }
  }
}

void TensorboardLog::evaluation(const Evaluation& evaluation) const {
  const auto add = [&](const std::string& reference, const Scores& scores) {
    if (scores.pixels == 0) return;
    file_.add_scalars(step_, {{"scenes/accuracy_against_" + reference, scores.accuracy},
                              {"scenes/true_skill_against_" + reference, scores.true_skill}});
  };
  add("bayes", score(evaluation.label.all));
  add("truth", score(evaluation.truth.all));
}

void TensorboardLog::end(bool success) const { file_.add_end(success); }

}  // namespace cloudmask
