#include "cloudmask/data/packed_patches.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "cloudmask/base/random.h"
#include "cloudmask/data/network_input.h"

namespace cloudmask {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Scene random_scene(int height_px, int width_px) {
  Random random(5);
  Scene scene;
  scene.height_px = height_px;
  scene.width_px = width_px;
  for (std::size_t i = 0; i < scene.pixels(); ++i) {
    for (int band = 0; band < kReflectanceBands; ++band)
      scene.reflectance.push_back(static_cast<float>(random.uniform(0, 1.1)));
    for (int band = 0; band < kBrightnessTemperatureBands; ++band) {
      scene.brightness_temperature_k.push_back(static_cast<float>(random.uniform(190, 320)));
    }
    scene.label.push_back(random.uniform() < 0.5 ? kCloud : kClear);
  }
  return scene;
}

PackedPatches pack(const Scene& scene, const std::vector<Target>& targets, int size_px,
                   Normalisation normalisation = Normalisation::kSpectral) {
  return {NetworkInput(scene, normalisation), targets, size_px};
}

PackedPatches random_patches() {
  const Scene scene = random_scene(32, 64);
  return pack(scene, ProvidedLabels().targets(scene), 32);
}

void network_input(const Scene& scene, std::size_t pixel, float* channels) {
  NetworkInput(scene, Normalisation::kSpectral).write(pixel, channels);
}

struct Unpacked {
  explicit Unpacked(int size, int channels)
      : input(static_cast<std::size_t>(size * size * channels)),
        target(static_cast<std::size_t>(size * size)),
        weight(target.size()) {}
  std::vector<float> input;
  std::vector<float> target;
  std::vector<float> weight;
};

Unpacked unpack(const PackedPatches& patches, int size, int patch, Symmetry symmetry) {
  Unpacked out(size, patches.channels());
  patches.unpack(patch, symmetry, {size, patches.channels(), out.input.data(), out.target.data(), out.weight.data()});
  return out;
}

TEST(NetworkInput, IsTheReferencesScaling) {
  Scene scene = random_scene(1, 1);
  std::array<float, kChannels> x{};
  network_input(scene, 0, x.data());
  EXPECT_FLOAT_EQ(x[2], scene.reflectance[2] - 0.5F);
  EXPECT_FLOAT_EQ(x[7], (scene.brightness_temperature_k[1] - 270.0F) / 22.0F);
}

TEST(NetworkInput, MissingPixelIsZeroInAllChannels) {
  Scene scene = random_scene(1, 1);
  scene.brightness_temperature_k[1] = kNaN;
  std::array<float, kChannels> x{};
  x.fill(9);
  network_input(scene, 0, x.data());
  for (const float value : x) EXPECT_EQ(value, 0);
}

TEST(NetworkInput, NightAndSaturatedChannelsStayFinite) {
  Scene scene = random_scene(1, 1);
  scene.reflectance.assign(6, kNaN);
  scene.brightness_temperature_k[0] = kNaN;
  std::array<float, kChannels> x{};
  network_input(scene, 0, x.data());
  EXPECT_EQ(x[0], -0.5F);
  EXPECT_EQ(x[6], x[7]);
}

TEST(NetworkInput, TenthChannelIsTheWarmthOfTheGroundAround) {
  Scene scene = random_scene(100, 200);
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    const bool cloudy = pixel / 200 < 60;
    for (std::size_t band = 0; band < 3; ++band) scene.brightness_temperature_k[3 * pixel + band] = cloudy ? 240 : 292;
  }
  const NetworkInput input(scene, Normalisation::kBackground);
  ASSERT_EQ(input.channels(), 10);
  std::array<float, 10> x{};
  input.write(50 * 200 + 100, x.data());
  EXPECT_FLOAT_EQ(x[7], (240.0F - 270) / 22);
  EXPECT_FLOAT_EQ(x[9], (292.0F - 270) / 22);
  std::array<float, kChannels> nine{};
  network_input(scene, 50 * 200 + 100, nine.data());
  EXPECT_TRUE(std::equal(nine.begin(), nine.end(), x.begin()));
}

TEST(PatchGrid, IsTheReferencesCrop) {
  const PatchGrid grid = make_patch_grid(1200, 1500, 256);
  EXPECT_EQ(grid.count(), 20);
  EXPECT_EQ(grid.top_px, 88);
  EXPECT_EQ(grid.left_px, 110);
  EXPECT_EQ(make_patch_grid(255, 1500, 256).count(), 0);
}

TEST(PackedPatches, KeepTheInstrumentsResolution) {
  constexpr int kSize = 32;
  const Scene scene = random_scene(70, 100);
  const PackedPatches patches = pack(scene, ProvidedLabels().targets(scene), kSize);
  ASSERT_EQ(patches.count(), 6);
  const PatchGrid grid = make_patch_grid(70, 100, kSize);
  const Unpacked fifth = unpack(patches, kSize, 4, 0);
  std::array<float, kChannels> expected{};
  for (int row = 0; row < kSize; ++row) {
    for (int column = 0; column < kSize; ++column) {
      const auto pixel = static_cast<std::size_t>((grid.top_px + kSize + row) * 100 + grid.left_px + kSize + column);
      const auto at = static_cast<std::size_t>(row * kSize + column);
      network_input(scene, pixel, expected.data());
      for (std::size_t c = 0; c < kChannels; ++c) {
        ASSERT_NEAR(fifth.input[at * kChannels + c], expected[c], c < 6 ? 2.6e-5 : 0.0051 / 22);
      }
      ASSERT_EQ(fifth.target[at], scene.label[pixel] == kCloud ? 1 : 0);
      ASSERT_EQ(fifth.weight[at], 1);
    }
  }
}

TEST(PackedPatches, TenthChannelIsPackedAndTurnedLikeTheOthers) {
  constexpr int kSize = 32;
  const Scene scene = random_scene(kSize, kSize);
  const NetworkInput input(scene, Normalisation::kBackground);
  const PackedPatches patches = pack(scene, ProvidedLabels().targets(scene), kSize, Normalisation::kBackground);
  const Unpacked mirrored = unpack(patches, kSize, 0, /*symmetry=*/1);
  std::array<float, 10> expected{};
  for (std::size_t column = 0; column < kSize; ++column) {
    input.write(kSize - 1 - column, expected.data());
    for (std::size_t c = 0; c < 10; ++c) ASSERT_NEAR(mirrored.input[column * 10 + c], expected[c], 0.0051 / 22);
  }
}

TEST(PackedPatches, UnknownLabelsAndMissingPixelsHaveNoWeight) {
  Scene scene = random_scene(32, 32);
  scene.label[5] = kUnknown;
  scene.brightness_temperature_k[9 * kBrightnessTemperatureBands + 2] = kNaN;
  const Unpacked patch = unpack(pack(scene, ProvidedLabels().targets(scene), 32), 32, 0, 0);
  EXPECT_EQ(patch.weight[5], 0);
  EXPECT_EQ(patch.weight[9], 0);
  EXPECT_EQ(patch.weight[6], 1);
}

TEST(PackedPatches, SoftTargetsComeBackToHalfAPercent) {
  const Scene scene = random_scene(32, 32);
  std::vector<Target> targets(scene.pixels(), make_target(kNaN));
  targets[3] = make_target(0);
  targets[4] = make_target(0.37F);
  targets[5] = make_target(1);
  const Unpacked patch = unpack(pack(scene, targets, 32), 32, 0, 0);
  EXPECT_EQ(patch.target[3], 0);
  EXPECT_NEAR(patch.target[4], 0.37F, 0.002);
  EXPECT_EQ(patch.target[5], 1);
  EXPECT_EQ(patch.weight[4], 1);
  EXPECT_EQ(patch.weight[6], 0);
}

TEST(PackedPatches, EightSymmetriesMoveInputAndTargetTogether) {
  const Scene scene = random_scene(32, 32);
  const PackedPatches patches = pack(scene, ProvidedLabels().targets(scene), 32);
  std::set<std::vector<float>> seen;
  for (Symmetry symmetry = 0; symmetry < kSymmetries; ++symmetry) {
    const Unpacked patch = unpack(patches, 32, 0, symmetry);
    EXPECT_TRUE(seen.insert(patch.input).second) << "symmetry " << symmetry << " repeats another";
    // Corner (0,0) of the turned patch is one of the four corners of the patch, with its own label.
    const std::vector<std::size_t> corners = {0, 31, 31 * 32, 31 * 32 + 31};
    const auto original = unpack(patches, 32, 0, 0);
    bool found = false;
    for (const std::size_t corner : corners) {
      found = found || (std::equal(patch.input.begin(), patch.input.begin() + kChannels,
                                   original.input.begin() + static_cast<std::ptrdiff_t>(corner * kChannels)) &&
                        patch.target[0] == original.target[corner]);
    }
    EXPECT_TRUE(found) << symmetry;
  }
}

TEST(PackedPatches, BytesComeBackWholeOrNotAtAll) {
  const PackedPatches patches = random_patches();
  const PatchKey key{.patch_size_px = 32, .channels = 9, .scene_bytes = 7, .scene_modified_ns = 8, .scene_sample = 9};
  const std::string bytes = patches.to_bytes(key);
  const auto back = PackedPatches::from_bytes(bytes, key);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(unpack(*back, 32, 1, 3).input, unpack(patches, 32, 1, 3).input);
  for (std::size_t length : {std::size_t{0}, std::size_t{8}, std::size_t{56}, bytes.size() / 2, bytes.size() - 1}) {
    EXPECT_FALSE(PackedPatches::from_bytes(std::string_view(bytes).substr(0, length), key).has_value()) << length;
  }
  EXPECT_FALSE(PackedPatches::from_bytes(bytes + "x", key).has_value());
  for (std::size_t at = 0; at < bytes.size(); at += at < 64 ? 1 : 997) {
    std::string damaged = bytes;
    damaged[at] ^= 1;
    EXPECT_FALSE(PackedPatches::from_bytes(damaged, key).has_value()) << "byte " << at;
  }
}

TEST(PackedPatches, BytesOfAnotherKeyAreNotTaken) {
  const PatchKey key{.patch_size_px = 32, .channels = 9, .scene_bytes = 7, .scene_modified_ns = 8, .scene_sample = 9};
  const std::string bytes = random_patches().to_bytes(key);
  for (const auto change : std::initializer_list<void (*)(PatchKey&)>{
           [](PatchKey& other) { other.patch_size_px = 16; }, [](PatchKey& other) { other.channels = 10; },
           [](PatchKey& other) { other.reflectance_grid = 1; }, [](PatchKey& other) { other.view = 1; },
           [](PatchKey& other) { ++other.scene_bytes; }, [](PatchKey& other) { ++other.scene_modified_ns; },
           [](PatchKey& other) { ++other.scene_sample; }, [](PatchKey& other) { ++other.labeller; }}) {
    PatchKey other = key;
    change(other);
    EXPECT_FALSE(PackedPatches::from_bytes(bytes, other).has_value());
  }
}

// The definition, value by value.
TEST(PackedPatches, RowsAreTurnedAndRoundedAsSingleValuesWere) {
  constexpr int kSize = 16;
  Scene scene = random_scene(kSize, kSize);
  scene.label[7] = kUnknown;
  scene.brightness_temperature_k[9 * kBrightnessTemperatureBands + 1] = kNaN;
  const PackedPatches patches = pack(scene, ProvidedLabels().targets(scene), kSize);
  for (Symmetry symmetry = 0; symmetry < kSymmetries; ++symmetry) {
    const Unpacked found = unpack(patches, kSize, 0, symmetry);
    std::array<float, kChannels> expected{};
    for (int at = 0; at < kSize * kSize; ++at) {
      int row = (symmetry & 4U) != 0 ? at % kSize : at / kSize;
      int column = (symmetry & 4U) != 0 ? at / kSize : at % kSize;
      if ((symmetry & 2U) != 0) row = kSize - 1 - row;
      if ((symmetry & 1U) != 0) column = kSize - 1 - column;
      const auto from = static_cast<std::size_t>(row * kSize + column);
      const auto to = static_cast<std::size_t>(at);
      network_input(scene, from, expected.data());
      for (std::size_t c = 0; c < kChannels; ++c) {
        const float step = c < kReflectanceBands ? 1.0F / 20000.0F : 0.01F / 22.0F;
        ASSERT_EQ(found.input[to * kChannels + c], std::round(expected[c] / step) * step) << symmetry << " " << at;
      }
      const bool unknown = from == 7 || from == 9;
      ASSERT_EQ(found.weight[to], unknown ? 0 : 1);
      ASSERT_EQ(found.target[to], !unknown && scene.label[from] == kCloud ? 1 : 0);
    }
  }
}

}  // namespace
}  // namespace cloudmask
