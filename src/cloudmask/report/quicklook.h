#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/report/image.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene.h"

namespace cloudmask {

// Pictures of a scene; no side longer than `max_side_px`. Missing pixels are brown:
// greys and blues are temperatures and probabilities.

inline constexpr Rgb kMissingColour{122, 82, 48};
inline constexpr Rgb kCloudColour{245, 245, 245};
inline constexpr Rgb kClearColour{28, 54, 84};
inline constexpr Rgb kFalseCloudColour{230, 159, 0};  ///< told from the next also by colour-blind eyes
inline constexpr Rgb kMissedCloudColour{213, 60, 140};

/// By day 1.61, 0.865 and 0.659 um as red, green and blue ("natural colours": water cloud white, ice cloud and snow
/// cyan, vegetation green). By night EUMETSAT's night microphysics: S9 - S8 from -4 to 2 K, S8 - S7 from 0 to 10 K, S8
/// from 243 to 293 K (low cloud pale green, thin cirrus dark).
Image false_colour(const Scene& scene, int max_side_px);

/// That at full size, with the edges of cloud drawn where the probability crosses `threshold`: each pixel of cloud that
/// has a clear one or the scene's edge beside it.
Image outlined(const Scene& scene, const Mask& mask, double threshold);
inline constexpr Rgb kOutlineColour{255, 221, 0};

/// S8 (10.85 um) from 305 K (black) to 215 K (white).
Image thermal(const Scene& scene, int max_side_px);

/// A label or truth raster of the scene's size.
Image class_picture(const Scene& scene, const std::vector<std::uint8_t>& classes, int max_side_px);

/// Probability from clear to cloud colour.
Image mask_picture(const Mask& mask, int max_side_px);

/// Where the mask and `reference` (label or truth) disagree, over a picture of the class where they agree.
Image disagreement(const Mask& mask, const std::vector<std::uint8_t>& reference, double threshold, int max_side_px);

}  // namespace cloudmask
