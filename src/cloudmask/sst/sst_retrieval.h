#pragma once

#include <string>
#include <vector>

#include "cloudmask/scene/scene.h"
#include "cloudmask/sst/sst_coefficients.h"

namespace cloudmask {

/// Secant of the view zenith angle at the sea, one a column, for scenes that do not carry angles, in the nadir view: it
/// follows from the place in the swath. The satellite, 815 km above a sphere of 6371 km, flies above column 998 of 1500
/// of 1 km each (track offset of the product). A scene whose width is not that of the swath (a cut-out) gets the
/// swath's mean.
std::vector<double> view_secants(int width_px);

/// Total column of water vapour from the split window itself, which the scenes do not carry either:
/// S8 - S9 = 0.2 K + 0.045 K m2 kg-1 x vapour x secant, a rough fit for clear air over the sea; 0 to 60 kg m-2.
double estimate_vapour_kg_m2(const ThermalBands& bands, double secant);

/// How a scene's temperatures were found, for people and files: "N2" by day, "N3" by night.
std::string sst_algorithm(const Scene& scene);

/// Skin sea surface temperature of every pixel, cloudy or not, sea or not: [H,W]. NaN where a band is missing (by night
/// S7 too) or the view angle in a scene that carries angles, or S8 or S9 is below 260 K, where no sea can be seen.
std::vector<float> retrieve_sst_k(const Scene& scene, const SstCoefficients& coefficients);

}  // namespace cloudmask
