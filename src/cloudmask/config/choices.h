#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace cloudmask {

/// Of the network's arithmetic; kAuto: bf16 where the hardware computes it.
enum class Precision { kAuto, kFp32, kBf16 };

/// Whose convolutions run: ours where the processor has some, ours as if it had no AVX-512, LibTorch's.
enum class Kernels { kAuto, kAvx2, kPlain };

/// What the gradients of a process are sent to the others as; they are added in fp32.
enum class GradientPrecision { kFp32, kBf16 };
/// As the configuration file has it.
constexpr std::string_view to_string(GradientPrecision precision) {
  return precision == GradientPrecision::kFp32 ? "fp32" : "bf16";
}

/// What teaches the network: the provider's labels, evidence that needs no label, or both weighed against each other.
enum class Supervision { kLabels, kNone, kBoth };
/// As the configuration file has it.
constexpr std::string_view to_string(Supervision supervision) {
  return supervision == Supervision::kLabels ? "labels" : supervision == Supervision::kNone ? "none" : "both";
}

/// Binary cross entropy, plain or with a weight of cloud against clear.
enum class LossKind { kBce, kWeightedBce };

/// How the learning rate goes on after its warm-up: as it is, or to 0 along half a cosine.
enum class ScheduleKind { kConstant, kCosine };

/// How a scene is cut for the network: into few large tiles, or into the reference program's overlapping patches.
enum class TileMode { kScene, kPatches };

/// Of the reflectances in a file; kAuto: by their size.
enum class ReflectanceGrid { kAuto, k1Km, k500M };

/// The reference program's HDF5, CF-1.8 netCDF, or a map.
enum class MaskFormat { kHdf5, kNetcdf, kGeotiff };

/// Of the instrument: around the point below the satellite, or about 55 degrees from the zenith, backward.
enum class View { kNadir, kOblique };
/// As the configuration file has it.
constexpr std::string_view to_string(View view) { return view == View::kNadir ? "nadir" : "oblique"; }
/// The view of that name; what names none is nadir, as files from before there was a choice.
constexpr View view_named(std::string_view name) {
  return name == to_string(View::kOblique) ? View::kOblique : View::kNadir;
}

/// How the nine channels enter the network. All start from the reference's scaling, reflectance - 0.5 and
/// (brightness temperature - 270 K) / 22 K. kSpectral adds brightness-temperature differences at their own scale;
/// kBackground adds to that what S8 would be without cloud, judged from further around than the network sees.
enum class Normalisation { kReference, kSpectral, kBackground };
/// As the configuration file has them, by the value of Normalisation.
inline constexpr std::array<std::string_view, 3> kNormalisationNames{"reference", "spectral", "background"};
/// As the configuration file has it.
constexpr std::string_view to_string(Normalisation normalisation) {
  return kNormalisationNames[static_cast<std::size_t>(normalisation)];
}
/// Of the tensor that the network is given: the nine channels, and with kBackground the tenth behind them.
constexpr int input_channels(Normalisation normalisation) {
  return normalisation == Normalisation::kBackground ? 10 : 9;
}

}  // namespace cloudmask
