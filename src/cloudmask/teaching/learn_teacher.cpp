#include "cloudmask/teaching/learn_teacher.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/log.h"
#include "cloudmask/scene/evenly_spread.h"
#include "cloudmask/scene/scene_reader.h"
#include "cloudmask/screening/bayesian_learner.h"
#include "cloudmask/screening/plausibility.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kScenesLookedAtAgain = 8;
constexpr double kFewestSeeds = 0.001;  ///< of the pixels, of each class
constexpr double kPoorAgreement = 0.8;
constexpr double kPoorSeeds = 0.95;

using SceneWork = std::function<void(const Scene&, const SceneFeatures&, const Evidence&)>;

void for_scenes(const std::vector<fs::path>& scenes, const DataOptions& data, bool labels, int threads,
                const SceneWork& work) {
  const ReadOptions options{.want_label = labels,
                            .need_label = labels,
                            .want_truth = false,
                            .reflectance_grid = data.reflectance_grid,
                            .view = data.view,
                            .threads = threads};
  SceneFeatures features;
  for (const fs::path& file : scenes) {
    if (interrupt_requested()) throw Interrupted("stopped by a signal while learning what teaches the network");
    try {
      const Scene scene = read_scene(file, options);
      features.compute(scene, threads);
      work(scene, features, weigh_evidence(features, default_threshold_tests(), threads));
    } catch (const Interrupted&) {
      throw;
    } catch (const Error&) {
      if (!data.keep_going) throw;  // else PatchStore warns of it
    }
  }
}

// Two witnesses: how often they agree, and in which way.
struct Agreement {
  double count[2][2] = {{0, 0}, {0, 0}};  ///< [first says cloud][second says cloud]

  void add(bool first, bool second) { count[first ? 1 : 0][second ? 1 : 0] += 1; }
  double total() const { return count[0][0] + count[0][1] + count[1][0] + count[1][1]; }
  double share() const { return (count[0][0] + count[1][1]) / std::max(total(), 1.0); }
};

struct SecondLook {
  Agreement with_tests;
  Agreement with_seeds;
  std::array<std::array<std::array<double, 2>, 2>, 2> labels{};  ///< [day][label is cloud][weight of clear, of cloud]

  void add(const Scene& scene, const SceneFeatures& features, const Evidence& evidence,
           const std::vector<float>& cloud_probability);
  void log() const;
  LabelOdds label_odds() const;
};

void SecondLook::add(const Scene& scene, const SceneFeatures& features, const Evidence& evidence,
                     const std::vector<float>& cloud_probability) {
  const std::vector<std::uint8_t> seeds = find_seeds(features, evidence);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    const float cloud = cloud_probability[i];
    if (std::isnan(cloud)) continue;
    with_tests.add(evidence.cloud[i] >= kTestLimit, cloud >= 0.5F);
    if (seeds[i] != kUnknown) with_seeds.add(seeds[i] == kCloud, cloud >= 0.5F);
    if (scene.label.empty() || scene.label[i] == kUnknown) continue;
    auto& weights = labels[features.kinds()[i] == kNight ? 0 : 1][scene.label[i] == kCloud ? 1 : 0];
    weights[0] += static_cast<double>(1 - cloud);
    weights[1] += static_cast<double>(cloud);
  }
  const std::string doubts = describe_doubts(features, cloud_probability.data(), 0.5);
  if (!doubts.empty())
    log_warning(fmt::format("{}: what teaches the network is doubtful here: {}", scene.name, doubts));
}

void SecondLook::log() const {
  log_info(
      fmt::format("the teacher agrees with the threshold tests on {:.3f} of the pixels, with their seeds on {:.3f}",
                  with_tests.share(), with_seeds.share()));
  if (with_tests.share() < kPoorAgreement) {
    log_warning(
        fmt::format("teacher and threshold tests agree on {:.3f} of the pixels only, less than {}: look at "
                    "some masks before you trust the network",
                    with_tests.share(), kPoorAgreement));
  }
  if (with_seeds.share() < kPoorSeeds) {
    log_warning(
        fmt::format("the teacher contradicts {:.1f} % of the pixels that seemed sure; look at some masks "
                    "before you trust the network",
                    100 * (1 - with_seeds.share())));
  }
}

// Sixty pixels of doubt keep the ratios finite.
LabelOdds SecondLook::label_odds() const {
  constexpr double kDoubt = 30;
  LabelOdds odds;
  for (std::size_t day = 0; day < 2; ++day) {
    const auto& counts = labels[day];
    const double clear = counts[0][0] + counts[1][0] + 2 * kDoubt;
    const double cloud = counts[0][1] + counts[1][1] + 2 * kDoubt;
    for (std::size_t label = 0; label < 2; ++label) {
      odds.log_ratio[day][label] =
          static_cast<float>(std::log((counts[label][1] + kDoubt) / cloud / ((counts[label][0] + kDoubt) / clear)));
    }
  }
  return odds;
}

BayesianTables learn_tables(const std::vector<fs::path>& scenes, const DataOptions& data, int threads) {
  BayesianLearner learner;
  double pixels = 0;
  double clear_seeds = 0;
  double cloud_seeds = 0;
  for_scenes(scenes, data, /*labels=*/false, threads,
             [&](const Scene&, const SceneFeatures& features, const Evidence& evidence) {
               learner.add(features, evidence);
               for (const std::uint8_t seed : find_seeds(features, evidence)) {
                 pixels += 1;
                 clear_seeds += seed == kClear ? 1 : 0;
                 cloud_seeds += seed == kCloud ? 1 : 0;
               }
             });
  const auto require = [&](double seeds, const char* what) {
    if (seeds >= kFewestSeeds * pixels && seeds > 0) return;
    throw Error(
        fmt::format("train_dir: {:.2f} % of the pixels are surely {}, {} % are wanted to learn without labels "
                    "what that looks like; add scenes, or set supervision: labels",
                    100 * seeds / std::max(pixels, 1.0), what, 100 * kFewestSeeds));
  };
  require(clear_seeds, "clear");
  require(cloud_seeds, "cloud");
  log_info(
      fmt::format("taught without labels: tables from {} pixels of {} scenes; {:.1f} % of them are surely clear, "
                  "{:.1f} % surely cloud",
                  learner.pixels(), scenes.size(), 100 * clear_seeds / pixels, 100 * cloud_seeds / pixels));
  return learner.learn();
}

void warn_of_unseen_times(const BayesianTables& tables) {
  const auto seen = [&](auto is_time) {
    return std::any_of(tables.kinds.begin(), tables.kinds.end(),
                       [&](const KindTables& kind) { return is_time(kind.kind == kNight); });
  };
  const bool night = seen([](bool by_night) { return by_night; });
  const bool day = seen([](bool by_night) { return !by_night; });
  if (day && night) return;
  log_warning(fmt::format("train_dir shows nothing by {}: the network will know nothing of it", day ? "night" : "day"));
}

}  // namespace

std::shared_ptr<const Teacher> learn_teacher(const std::vector<fs::path>& scenes, const DataOptions& options,
                                             bool use_labels, int threads) {
  auto teacher = std::make_shared<const Teacher>(learn_tables(evenly_spread(scenes, kMostScenes), options, threads));
  warn_of_unseen_times(teacher->tables());
  SecondLook look;
  for_scenes(evenly_spread(scenes, kScenesLookedAtAgain), options, use_labels, threads,
             [&](const Scene& scene, const SceneFeatures& features, const Evidence& evidence) {
               look.add(scene, features, evidence, teacher->cloud_probability(features));
             });
  look.log();
  log_info("training and test accuracy in the logs are agreement with this teacher, not with labels");
  if (!use_labels) return teacher;
  return std::make_shared<const Teacher>(teacher->tables(), look.label_odds());
}

}  // namespace cloudmask
