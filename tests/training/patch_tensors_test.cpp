#include "cloudmask/training/patch_tensors.h"

#include <gtest/gtest.h>

#include "cloudmask/base/random.h"

namespace cloudmask {
namespace {

constexpr int kSize_px = 16;

// Two patches beside each other, some pixels of them missing or without a label.
std::shared_ptr<const PackedPatches> random_patches(Normalisation normalisation) {
  Random random(3);
  Scene scene;
  scene.height_px = kSize_px;
  scene.width_px = 2 * kSize_px;
  std::vector<Target> targets;
  for (std::size_t i = 0; i < scene.pixels(); ++i) {
    const bool missing = random.uniform() < 0.1;
    const auto value = [&](double low, double high) {
      return missing ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(random.uniform(low, high));
    };
    for (int band = 0; band < kReflectanceBands; ++band) scene.reflectance.push_back(value(0, 1.1));
    for (int band = 0; band < kBrightnessTemperatureBands; ++band) {
      scene.brightness_temperature_k.push_back(value(190, 320));
    }
    targets.push_back(static_cast<Target>(random.below(256)));
  }
  return std::make_shared<PackedPatches>(NetworkInput(scene, normalisation), targets, kSize_px);
}

Batch unpack_here(const PackedPatches& patches, const std::vector<int>& numbers,
                  const std::vector<Augmentation>& augmentations, bool augment) {
  const auto n = static_cast<std::int64_t>(numbers.size());
  const auto input = torch::empty({n, kSize_px, kSize_px, patches.channels()});
  const auto target = torch::empty({n, 1, kSize_px, kSize_px});
  const auto weight = torch::empty({n, 1, kSize_px, kSize_px});
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const UnpackedPatch patch{kSize_px, patches.channels(), input[at].data_ptr<float>(), target[at].data_ptr<float>(),
                              weight[at].data_ptr<float>()};
    patches.unpack(numbers[i], augmentations[i].symmetry, patch);
    if (augment) shift_radiometry(augmentations[i], patch);
  }
  return {input.permute({0, 3, 1, 2}), target, weight};
}

void expect_same(const Batch& found, const Batch& expected) {
  EXPECT_TRUE(torch::equal(found.input.cpu(), expected.input));
  EXPECT_TRUE(torch::equal(found.target.cpu(), expected.target));
  EXPECT_TRUE(torch::equal(found.weight.cpu(), expected.weight));
  EXPECT_EQ(found.input.strides(), expected.input.strides());
  EXPECT_EQ(found.target.strides(), expected.target.strides());
}

void compare_on(const torch::Device& device) {
  for (const Normalisation normalisation : {Normalisation::kReference, Normalisation::kBackground}) {
    const auto patches = random_patches(normalisation);
    const PatchTensors tensors = as_tensors(patches);
    const PatchUnpacker unpacker(device, kSize_px, patches->channels());
    Random random(4);
    std::vector<int> numbers;
    std::vector<Augmentation> augmentations;
    std::vector<PatchUnpacker::Choice> here;
    std::vector<PatchUnpacker::Choice> there;
    for (int i = 0; i < 40; ++i) {
      const int number = static_cast<int>(random.below(2));
      Augmentation augmentation = draw_augmentation(random, {3, 0.1});
      augmentation.symmetry = static_cast<Symmetry>(i) % kSymmetries;
      numbers.push_back(number);
      augmentations.push_back(augmentation);
      here.push_back({tensors.channels[number], tensors.targets[number], augmentation});
      there.push_back({here.back().channels.to(device), here.back().targets.to(device), augmentation});
    }
    for (const bool augment : {true, false}) {
      const Batch expected = unpack_here(*patches, numbers, augmentations, augment);
      EXPECT_LT(expected.weight.sum().item<double>(), expected.weight.numel());
      expect_same(unpacker.unpack(here, augment), expected);
      expect_same(unpacker.unpack(there, augment), expected);
    }
    const Batch none = unpacker.unpack({}, true);
    EXPECT_EQ(none.input.sizes(), (std::vector<std::int64_t>{0, patches->channels(), kSize_px, kSize_px}));
    EXPECT_EQ(none.weight.sizes(), (std::vector<std::int64_t>{0, 1, kSize_px, kSize_px}));
  }
}

TEST(PatchTensors, BecomeTheBatchesThatTheCpuMakes) { compare_on(torch::kCPU); }

TEST(PatchTensors, BecomeTheBatchesThatTheCpuMakes_CUDA) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU";
  compare_on({torch::kCUDA, 0});
}

TEST(PatchTensors, KeepThePatchesTheyAreOf) {
  PatchTensors tensors;
  std::weak_ptr<const PackedPatches> patches;
  {
    const auto owned = random_patches(Normalisation::kReference);
    patches = owned;
    tensors = as_tensors(owned);
  }
  EXPECT_FALSE(patches.expired());
  tensors = {};
  EXPECT_TRUE(patches.expired());
}

}  // namespace
}  // namespace cloudmask
