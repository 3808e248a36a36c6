// scene_probe SCENE FILE [VIEW]: what read_scene makes of SCENE, written as an HDF5 scene that tests in Python look
// into.
#include <iostream>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/scene_reader.h"
#include "cloudmask/scene/scene_writer.h"

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 2;
  try {
    const cloudmask::View view = cloudmask::view_named(argc == 4 ? argv[3] : "");
    const cloudmask::Scene scene =
        cloudmask::read_scene(argv[1], {.want_geolocation = true, .want_angles = true, .view = view});
    std::vector<cloudmask::NamedRaster> extras;
    const auto add = [&](const char* name, const auto& values) {
      if (!values.empty()) extras.push_back({name, "degrees", {values.begin(), values.end()}});
    };
    add("latitude", scene.geolocation.latitude_deg);
    add("longitude", scene.geolocation.longitude_deg);
    add("sun_zenith", scene.geolocation.sun_zenith_deg);
    add("view_zenith", scene.geolocation.view_zenith_deg);
    cloudmask::write_scene(argv[2], scene, extras);
    std::cout << scene.geolocation.start_time << ' ' << scene.geolocation.stop_time << '\n';
  } catch (const cloudmask::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
