// Finds the clouds of one scene with the library: mask_scene MODEL SCENE MASK
#include <cloudmask/base/error.h>
#include <cloudmask/cloudmask.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: mask_scene MODEL SCENE MASK\n";
    return 2;
  }
  try {
    const auto network = cloudmask::load_network(argv[1], {});
    const cloudmask::Scene scene = cloudmask::read_scene(argv[2], {.want_label = false});
    const cloudmask::Mask mask = network->screen(scene);
    cloudmask::MaskOrigin origin = network->origin();
    origin.scene = scene.name;
    origin.view = scene.view;
    cloudmask::write_mask(argv[3], mask, origin);

    std::size_t known = 0;
    std::size_t cloud = 0;
    for (const float probability : mask.cloud_probability) {
      known += probability == probability ? 1 : 0;  // NaN: no data
      cloud += probability >= 0.5F ? 1 : 0;
    }
    std::cout << scene.name << ": " << 100 * cloud / known << " % cloud\n";
  } catch (const cloudmask::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
