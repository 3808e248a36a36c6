#include "cloudmask/scene/scene_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <span>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/scene/hdf5_io.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

// Each pixel twice along both axes.
std::vector<float> repeat_2x2(std::span<const float> coarse, std::size_t height_px, std::size_t width_px) {
  constexpr std::size_t kBands = kReflectanceBands;
  std::vector<float> fine;
  fine.reserve(4 * coarse.size());
  for (std::size_t y = 0; y < 2 * height_px; ++y) {
    const float* row = &coarse[y / 2 * width_px * kBands];
    for (std::size_t x = 0; x < 2 * width_px; ++x) {
      fine.insert(fine.end(), row + x / 2 * kBands, row + (x / 2 + 1) * kBands);
    }
  }
  return fine;
}

// Radiance of S1 to S6 under an overhead sun, mW m-2 sr-1 nm-1; solar irradiance after the SLSTR product's quality
// files, rounded (slstr_l1b reader of satpy carries the same numbers).
std::vector<float> radiance(std::span<const float> reflectance) {
  constexpr float kPi = 3.14159265F;
  constexpr float kIrradiance[kReflectanceBands] = {1837.39F, 1525.94F, 956.17F, 365.90F, 248.33F, 78.33F};
  std::vector<float> values(reflectance.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = reflectance[i] * kIrradiance[i % kReflectanceBands] / kPi;
  return values;
}

class SceneFile {
 public:
  SceneFile(const fs::path& final_path, const Scene& scene, int deflate_level)
      : atomic_(final_path),
        final_path_(final_path),
        file_(create_hdf5_file(atomic_.temporary_path())),
        height_px_(static_cast<hsize_t>(scene.height_px)),
        width_px_(static_cast<hsize_t>(scene.width_px)),
        deflate_level_(deflate_level) {}

  void add(const std::string& name, const std::string& description, std::span<const float> values, hsize_t channels,
           hsize_t factor = 1) {
    CM_CHECK(values.size() == height_px_ * width_px_ * channels * factor * factor);
    put({name, {factor * height_px_, factor * width_px_, channels}, H5T_IEEE_F32LE, deflate_level_}, values.data(),
        description);
  }

  void add(const std::string& name, const std::string& description, const std::vector<std::uint8_t>& codes) {
    CM_CHECK(codes.size() == height_px_ * width_px_);
    put({name, {height_px_, width_px_}, H5T_STD_U8LE, deflate_level_}, codes.data(), description);
  }

  void commit() {
    if (!file_.close()) throw Error(fmt::format("{}: cannot be written; is the disk full?", final_path_.string()));
    atomic_.commit();
  }

 private:
  void put(const DatasetSpec& spec, const void* values, const std::string& description) {
    const Hdf5Handle dataset = write_dataset(final_path_, file_.get(), spec, values);
    write_attribute(dataset.get(), "description", description);
  }

  AtomicFile atomic_;
  fs::path final_path_;
  Hdf5Handle file_;
  hsize_t height_px_;
  hsize_t width_px_;
  int deflate_level_;
};

// The benchmark's files have the label as float32 [H,W,1].
std::vector<float> label_values(const std::vector<std::uint8_t>& label) {
  std::vector<float> values;
  values.reserve(label.size());
  for (const std::uint8_t code : label) values.push_back(code == kUnknown ? std::nanf("") : static_cast<float>(code));
  return values;
}

}  // namespace

void write_scene(const fs::path& file, const Scene& scene, const std::vector<NamedRaster>& extras,
                 const WriteOptions& options) {
  const Hdf5Lock lock;
  SceneFile out(file, scene, options.deflate_level);
  out.add("bts", "brightness temperature of S7, S8, S9 in K; NaN is missing", scene.brightness_temperature_k,
          kBrightnessTemperatureBands);
  const char* reflectance_text = "reflectance of S1 to S6; NaN is missing";
  if (options.reflectance_500m) {
    const auto fine = repeat_2x2(scene.reflectance, static_cast<std::size_t>(scene.height_px),
                                 static_cast<std::size_t>(scene.width_px));
    out.add("refs", reflectance_text, fine, kReflectanceBands, 2);
  } else {
    out.add("refs", reflectance_text, scene.reflectance, kReflectanceBands);
  }
  if (!scene.label.empty()) {
    const std::vector<float> label = label_values(scene.label);
    out.add("bayes", "provider's cloud mask: above 0 is cloud; NaN is unknown", label, 1);
    if (options.full) out.add("summary", "summary of the cloud tests: above 0 is cloud", label, 1);
  }
  if (options.full) {
    out.add("rads", "radiance of S1 to S6 under an overhead sun in mW m-2 sr-1 nm-1", radiance(scene.reflectance),
            kReflectanceBands);
  }
  if (!scene.truth.empty()) out.add("truth", "true cloud mask: 1 is cloud, 0 is clear", scene.truth);
  if (!scene.surface.empty()) {
    out.add("surface", "0 sea, 1 land, 2 desert, 3 snow, 4 sea ice, 255 not known", scene.surface);
  }
  for (const NamedRaster& extra : extras) out.add(extra.name, extra.description, extra.values, 1);
  out.commit();
}

}  // namespace cloudmask
