#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cloudmask {

// What can be set, with its default. The keys of the configuration file are named in config_keys.cpp; those in capitals
// and their values are the reference program's (cloudMaskConfig.yaml of MLCommons Science).

enum class Precision { kAuto, kFp32, kBf16 };
enum class Kernels { kAuto, kAvx2, kPlain };

/// What the gradients of a process are sent to the others as; they are added in fp32.
enum class GradientPrecision { kFp32, kBf16 };
constexpr std::string_view to_string(GradientPrecision precision) {
  return precision == GradientPrecision::kFp32 ? "fp32" : "bf16";
}

/// What teaches the network: the provider's labels, evidence that needs no label, or both weighed against each other.
enum class Supervision { kLabels, kNone, kBoth };
constexpr std::string_view to_string(Supervision supervision) {
  return supervision == Supervision::kLabels ? "labels" : supervision == Supervision::kNone ? "none" : "both";
}
enum class LossKind { kBce, kWeightedBce };
enum class ScheduleKind { kConstant, kCosine };
enum class TileMode { kScene, kPatches };
enum class ReflectanceGrid { kAuto, k1Km, k500M };
enum class MaskFormat { kHdf5, kNetcdf, kGeotiff };

/// Of the instrument: around the point below the satellite, or about 55 degrees from the zenith, backward.
enum class View { kNadir, kOblique };
constexpr std::string_view to_string(View view) { return view == View::kNadir ? "nadir" : "oblique"; }
/// The view of that name; what names none is nadir, as files from before there was a choice.
constexpr View view_named(std::string_view name) {
  return name == to_string(View::kOblique) ? View::kOblique : View::kNadir;
}

/// How the nine channels enter the network. All start from the reference's scaling, reflectance - 0.5 and
/// (brightness temperature - 270 K) / 22 K. kSpectral adds brightness-temperature differences at their own scale;
/// kBackground adds to that what S8 would be without cloud, judged from further around than the network sees.
enum class Normalisation { kReference, kSpectral, kBackground };
inline constexpr std::array<std::string_view, 3> kNormalisationNames{"reference", "spectral", "background"};
constexpr std::string_view to_string(Normalisation normalisation) {
  return kNormalisationNames[static_cast<std::size_t>(normalisation)];
}
/// Of the tensor that the network is given: the nine channels, and with kBackground the tenth behind them.
constexpr int input_channels(Normalisation normalisation) {
  return normalisation == Normalisation::kBackground ? 10 : 9;
}

/// Where the scenes are and how they become patches.
struct DataOptions {
  std::filesystem::path train_dir;
  std::filesystem::path inference_dir;
  std::filesystem::path cache_dir;   ///< empty: patches are cached in memory
  int patch_size_px = 256;           ///< PATCH_SIZE: multiple of 8, at least 32
  int image_height_px = 1200;        ///< IMAGE_H: expected scene size, for estimates; a scene's own size counts
  int image_width_px = 1500;         ///< IMAGE_W
  int channels = 9;                  ///< N_CHANNELS: 6 reflectances and 3 brightness temperatures, nothing else
  double train_split = 0.8;          ///< share of the scenes that are trained on
  double clip_offset = 15;           ///< clip_offset and MIN_SST are read by nothing in the reference program either:
  double min_sst_k = 273.15;         ///< accepted so that its configuration runs unchanged
  bool no_cache = false;             ///< read the scenes again in every epoch
  bool augment = true;               ///< the eight symmetries of the square, and:
  double temperature_jitter_k = 40;  ///< training patches are warmer or colder by up to this
  double reflectance_jitter = 0.15;  ///< training patches are brighter or darker by up to this share
  bool keep_going = false;           ///< leave out unreadable scenes instead of stopping
  ReflectanceGrid reflectance_grid = ReflectanceGrid::kAuto;
  View view = View::kNadir;  ///< that products are read in; the benchmark's scenes are nadir
};

struct ModelOptions {
  int base_filters = 32;  ///< feature maps of the first level, doubled at each of the three poolings
  Normalisation normalisation = Normalisation::kBackground;
};

struct TrainingOptions {
  Supervision supervision = Supervision::kLabels;
  std::filesystem::path cloud_optics;  ///< of simulated clouds; empty: config/cloud_optics.yaml, built in
  int epochs = 1;
  int batch_size = 32;  ///< patches, over all ranks unless batch_per_rank
  bool batch_per_rank = false;
  GradientPrecision gradient_precision = GradientPrecision::kFp32;
  double learning_rate = 0.001;
  double weight_decay = 0.0;  ///< decoupled (AdamW)
  LossKind loss = LossKind::kBce;
  double positive_weight = 0.5;  ///< weighted_bce: weight of cloud; clear has 1
  double label_smoothing = 0.0;
  ScheduleKind schedule = ScheduleKind::kConstant;
  double warmup_epochs = 0.0;
  bool early_stopping = false;
  int patience = 25;             ///< epochs without a better test loss
  double target_accuracy = 0.0;  ///< stop when the test accuracy reaches it; 0: never
  int validate_every = 1;        ///< epochs
  int checkpoint_every = 1;      ///< epochs
  bool deterministic = false;
  bool cuda_graph = false;  ///< one process on a GPU: the work of a step is recorded and replayed
};

struct InferenceOptions {
  TileMode tile_mode = TileMode::kScene;
  int crop_size_px = 80;  ///< CROP_SIZE: patches overlap by this; half of it is cut from each side
  int tile_px = 0;        ///< tile_mode scene: side of a tile without its halo, multiple of 8; 0: chosen from memory
  std::optional<double> threshold;  ///< cloud probability from which a pixel is cloud; empty: the model's own
  MaskFormat mask_format = MaskFormat::kHdf5;
  std::string mask_grid = "auto";  ///< of kGeotiff, see scene/map_file.h
  bool overwrite = false;
};

struct MachineOptions {
  std::string device = "auto";  ///< auto, cpu, cuda, cuda:N
  Precision precision = Precision::kAuto;
  int threads = 0;  ///< 0: all cores this process may use
  Kernels kernels = Kernels::kAuto;
  bool caching_allocator = true;  ///< memory of CPU tensors is kept for the next ones, not given back to the system
  int nodes = 1;                  ///< machines; above 1 it must be what the launcher did
  int gpu = 0;                    ///< processes a machine; 0: one for each GPU, one without GPUs
  int accelerators_per_node = 0;  ///< as submitted; the logs carry what was measured
  std::uint32_t seed = 1234;
};

/// Where results go, and who submits them (MLPerf log).
struct ReportOptions {
  std::filesystem::path model_file = "cloudModel.h5";
  std::filesystem::path output_dir = "output";
  std::filesystem::path log_file = "cloudMask_Log";
  std::filesystem::path mlperf_logfile = "mlperf_cloudmask.log";
  std::string benchmark = "CloudMask";
  std::string organisation;
  std::string division;
  std::string status;
  std::string platform;
};

struct Config {
  DataOptions data;
  ModelOptions model;
  TrainingOptions training;
  InferenceOptions inference;
  MachineOptions machine;
  ReportOptions report;
};

}  // namespace cloudmask
