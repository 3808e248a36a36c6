#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/screening/scene_features.h"

namespace cloudmask {

/// Evidence for cloud in one quantity: 0 up to `clear`, 1 from `cloud` on, linear between; `cloud` may lie below
/// `clear`. A missing value is no evidence.
struct Ramp {
  Feature quantity = Feature::kS8;
  float clear = 0;
  float cloud = 1;
};

/// One test: its evidence is the product of its ramps, and it calls a pixel cloud from kTestLimit on.
struct ThresholdTest {
  std::string name;
  int bit = 0;             ///< in the flags of a mask, 0 to 15
  std::uint8_t kinds = 0;  ///< PixelKind bits: where it applies
  std::vector<Ramp> ramps;
  std::string source;
};
inline constexpr float kTestLimit = 0.5F;

struct ThresholdTests {
  std::string name;  ///< file name and checksum, for the attributes of masks
  std::vector<ThresholdTest> tests;

  /// Names by bit, "spare_<bit>" where no test has it, up to the highest bit used.
  std::vector<std::string> flag_names() const;
};

/// The tests of a YAML file in the form of config/threshold_tests.yaml. Throws UsageError naming file, line and key:
/// unknown or missing key, unknown quantity, a bit or name used twice, a ramp of no width.
ThresholdTests read_threshold_tests(const std::filesystem::path& file);
ThresholdTests parse_threshold_tests(std::string_view yaml, const std::string& file_name);

/// config/threshold_tests.yaml as it was when the library was built.
const ThresholdTests& default_threshold_tests();

}  // namespace cloudmask
