#include <gmock/gmock.h>

#include <cmath>

#include "cloudmask/base/random.h"
#include "cloudmask/scene/scene_reader.h"
#include "cloudmask/scene/scene_writer.h"
#include "cloudmask/teaching/learn_teacher.h"
#include "support/cloudy_scene.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;

constexpr int kSize_px = 100;

class TeacherTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Teacher> learn(const std::vector<Scene>& scenes, bool use_labels = false) {
    std::vector<std::filesystem::path> files;
    for (const Scene& scene : scenes) {
      files.push_back(folder_ / ("S3A_" + std::to_string(files.size()) + ".hdf"));
      write_scene(files.back(), scene);
    }
    return learn_teacher(files, DataOptions(), use_labels, /*threads=*/1);
  }

  static double accuracy(const std::vector<Target>& targets, const Scene& scene) {
    double right = 0;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      right += targets[i] != kUnknown && (2 * targets[i] > kSurelyCloud) == (scene.truth[i] == kCloud) ? 1 : 0;
    }
    return right / static_cast<double>(targets.size());
  }

  TemporaryFolder folder_;
};

std::vector<Scene> day_and_night() {
  return {make_cloudy_scene(kSize_px, Sun::kDay), make_cloudy_scene(kSize_px, Sun::kNight)};
}

void label_at_random(Scene& scene, double wrong, std::uint64_t seed) {
  Random random(seed);
  scene.label.clear();
  for (const std::uint8_t truth : scene.truth) {
    scene.label.push_back(random.uniform() < wrong ? 1 - truth : truth);
  }
}

TEST_F(TeacherTest, KnowsCloudFromClearGroundByDayAndNight) {
  const auto teacher = learn(day_and_night());
  EXPECT_FALSE(teacher->needs_label());
  for (const Scene& scene : day_and_night()) EXPECT_GT(accuracy(teacher->targets(scene), scene), 0.95);
}

TEST_F(TeacherTest, DoesNotLookAtLabels) {
  std::vector<Scene> labelled = day_and_night();
  for (Scene& scene : labelled) label_at_random(scene, 0.5, 3);
  const auto without = learn(day_and_night());
  const auto with = learn(labelled);
  EXPECT_EQ(with->fingerprint(), without->fingerprint());
  EXPECT_EQ(with->targets(labelled[0]), without->targets(labelled[0]));
}

TEST_F(TeacherTest, LearnsWithAChannelMissing) {
  std::vector<Scene> scenes = day_and_night();
  for (Scene& scene : scenes) {
    for (std::size_t i = 0; i < scene.pixels(); ++i) {
      scene.brightness_temperature_k[i * kBrightnessTemperatureBands] = std::nanf("");
    }
  }
  const auto teacher = learn(scenes);
  for (const Scene& scene : scenes) EXPECT_GT(accuracy(teacher->targets(scene), scene), 0.95);
}

TEST_F(TeacherTest, KindsOfPixelsThatItNeverSawAreNotKnown) {
  const auto teacher = learn({make_cloudy_scene(kSize_px, Sun::kNight)});
  for (const Target target : teacher->targets(make_cloudy_scene(kSize_px, Sun::kDay))) EXPECT_EQ(target, kUnknown);
}

TEST_F(TeacherTest, ScenesWithoutCloudOrWithoutClearGroundAreRefused) {
  Scene clear = make_cloudy_scene(kSize_px, Sun::kDay);
  Scene cloudy = clear;
  for (std::size_t i = 0; i < clear.pixels(); ++i) {
    const std::size_t middle = clear.pixels() / 2 + kSize_px / 2;
    std::copy_n(&clear.reflectance[0], kReflectanceBands, &clear.reflectance[i * kReflectanceBands]);
    std::copy_n(&cloudy.reflectance[middle * kReflectanceBands], kReflectanceBands,
                &cloudy.reflectance[i * kReflectanceBands]);
    for (std::size_t band = 0; band < kBrightnessTemperatureBands; ++band) {
      clear.brightness_temperature_k[i * kBrightnessTemperatureBands + band] = clear.brightness_temperature_k[band];
      cloudy.brightness_temperature_k[i * kBrightnessTemperatureBands + band] =
          cloudy.brightness_temperature_k[middle * kBrightnessTemperatureBands + band];
    }
  }
  EXPECT_THAT(fault_of([&] { learn({clear}); }), HasSubstr("0.00 % of the pixels are surely cloud"));
  EXPECT_THAT(fault_of([&] { learn({cloudy}); }), HasSubstr("0.00 % of the pixels are surely clear"));
}

TEST_F(TeacherTest, IsTheSameToTheBitInAnotherProcess) {
  std::vector<Scene> scenes = day_and_night();
  for (Scene& scene : scenes) label_at_random(scene, 0.1, 3);
  for (const bool use_labels : {false, true}) {
    const auto teacher = learn(scenes, use_labels);
    const auto other = Teacher::from_bytes(teacher->to_bytes());
    EXPECT_EQ(other->fingerprint(), teacher->fingerprint());
    EXPECT_EQ(other->needs_label(), use_labels);
    EXPECT_EQ(other->targets(scenes[0]), teacher->targets(scenes[0]));
  }
}

TEST_F(TeacherTest, WeighsLabelsByHowTheyAgree) {
  std::vector<Scene> scenes = day_and_night();
  for (Scene& scene : scenes) label_at_random(scene, 0.1, 3);
  const auto teacher = learn(scenes, /*use_labels=*/true);
  EXPECT_TRUE(teacher->needs_label());
  EXPECT_NE(teacher->fingerprint(), learn(scenes)->fingerprint());
  for (const Scene& scene : scenes) {
    EXPECT_GT(accuracy(teacher->targets(scene), scene), 0.95);
    Scene other = scene;
    other.label[0] = 1 - other.label[0];
    const int change = teacher->targets(other)[0] - teacher->targets(scene)[0];
    EXPECT_GT(other.label[0] == kCloud ? change : -change, 0);
  }
}

TEST(ProvidedLabels, ComeAsTheyStand) {
  Scene scene;
  scene.height_px = 1;
  scene.width_px = 3;
  scene.label = {kClear, kCloud, kUnknown};
  EXPECT_EQ(ProvidedLabels().targets(scene), (std::vector<Target>{0, kSurelyCloud, kUnknown}));
}

}  // namespace
}  // namespace cloudmask
