#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace cloudmask {

/// Brightness temperatures of a pixel in the nadir view.
struct ThermalBands {
  double s7_k = 0;
  double s8_k = 0;
  double s9_k = 0;
};

/// What the air between sea and satellite takes away.
struct ViewedAir {
  double vapour_kg_m2 = 0;  ///< total column of water vapour
  double secant = 1;        ///< of the view zenith angle
};

/// Retrieval of skin sea surface temperature by sums of brightness temperatures, in bands of water vapour and view
/// angle: Embury and Merchant 2012, Remote Sensing of Environment 116, 47-61.
struct SstCoefficients {
  static constexpr std::size_t kValues = 4;  ///< S7, S8, S9, offset in K; S7 has 0 in n2

  /// [vapour, secant, kValues], bilinear between the nodes, as at the border beyond them.
  using Table = std::vector<std::vector<std::array<double, kValues>>>;

  std::string source;
  std::vector<double> vapour_kg_m2;  ///< ascending
  std::vector<double> secant;        ///< ascending
  Table n2;                          ///< split window, S8 and S9: by day
  Table n3;                          ///< triple window: by night, when no sunlight is in S7

  double n2_k(const ThermalBands& bands, const ViewedAir& air) const;
  double n3_k(const ThermalBands& bands, const ViewedAir& air) const;
};

/// Those of config/sst_coefficients.yaml, which are built in.
SstCoefficients default_sst_coefficients();

/// A file of the same form. Throws Error naming the file, the key, what was found and what is wanted.
SstCoefficients read_sst_coefficients(const std::filesystem::path& file);

}  // namespace cloudmask
