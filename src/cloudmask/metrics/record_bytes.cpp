#include "cloudmask/metrics/record_bytes.h"

#include <cstddef>
#include <cstring>

namespace cloudmask {
namespace {

struct Numbers {
  double read_s = 0;
  double compute_s = 0;
  double write_s = 0;
  double cloud_fraction = 0;
  std::size_t skipped = 0;
  std::size_t name_bytes = 0;
  std::size_t error_bytes = 0;
};

}  // namespace

std::string to_bytes(const std::vector<SceneRecord>& scenes) {
  std::string bytes;
  for (const SceneRecord& scene : scenes) {
    const Numbers numbers = {.read_s = scene.read_s,
                             .compute_s = scene.compute_s,
                             .write_s = scene.write_s,
                             .cloud_fraction = scene.cloud_fraction,
                             .skipped = scene.skipped ? 1U : 0U,
                             .name_bytes = scene.name.size(),
                             .error_bytes = scene.error.size()};
    bytes.append(reinterpret_cast<const char*>(&numbers), sizeof numbers);
    bytes += scene.name + scene.error;
  }
  return bytes;
}

std::vector<SceneRecord> scenes_from_bytes(std::string_view bytes) {
  std::vector<SceneRecord> scenes;
  while (!bytes.empty()) {
    Numbers numbers;
    std::memcpy(&numbers, bytes.data(), sizeof numbers);
    bytes.remove_prefix(sizeof numbers);
    SceneRecord scene;
    scene.read_s = numbers.read_s;
    scene.compute_s = numbers.compute_s;
    scene.write_s = numbers.write_s;
    scene.cloud_fraction = numbers.cloud_fraction;
    scene.skipped = numbers.skipped != 0;
    scene.name = bytes.substr(0, numbers.name_bytes);
    scene.error = bytes.substr(numbers.name_bytes, numbers.error_bytes);
    bytes.remove_prefix(numbers.name_bytes + numbers.error_bytes);
    scenes.push_back(std::move(scene));
  }
  return scenes;
}

}  // namespace cloudmask
