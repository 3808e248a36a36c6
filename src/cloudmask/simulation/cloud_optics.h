#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace cloudmask {

/// What a cloud's particles are told by, in the order in which a cloud draws them; config/cloud_optics.yaml says what
/// each is.
enum class Optic : std::uint8_t {
  kAbsorptionS8,
  kAbsorptionS7,
  kAbsorptionS9,
  kEmissivityS7,
  kBackscatter,
  kWhiteS1,
  kWhiteS2,
  kWhiteS3,
  kWhiteS4,
  kWhiteS5,
  kWhiteS6,
  kSunlightS7,
};
inline constexpr std::size_t kOptics = 12;

struct Range {
  double low = 0;
  double high = 0;
};
using OpticRanges = std::array<Range, kOptics>;  ///< by Optic

/// The particles of simulated clouds.
struct CloudOptics {
  std::string source;
  OpticRanges droplets;
  OpticRanges crystals;
};

/// That of config/cloud_optics.yaml, which is built in.
CloudOptics default_cloud_optics();

/// A file of the same form; all ranges must lie within 0 to 2. Throws Error naming the file, the key, what was found
/// and what is wanted.
CloudOptics read_cloud_optics(const std::filesystem::path& file);

}  // namespace cloudmask
