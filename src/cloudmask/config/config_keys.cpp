#include "cloudmask/config/config_keys.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

#include "cloudmask/config/key_kinds.h"

namespace cloudmask {
namespace {

using namespace key_kinds;  // NOLINT(google-build-using-namespace): the table below is written in its words

// of(&TrainingOptions::epochs) is the function from a Config to that member, for reading and for writing.
template <typename T>
auto of(T DataOptions::*member) {
  return [member](auto& config) -> auto& { return config.data.*member; };
}
template <typename T>
auto of(T ModelOptions::*member) {
  return [member](auto& config) -> auto& { return config.model.*member; };
}
template <typename T>
auto of(T TrainingOptions::*member) {
  return [member](auto& config) -> auto& { return config.training.*member; };
}
template <typename T>
auto of(T InferenceOptions::*member) {
  return [member](auto& config) -> auto& { return config.inference.*member; };
}
template <typename T>
auto of(T MachineOptions::*member) {
  return [member](auto& config) -> auto& { return config.machine.*member; };
}
template <typename T>
auto of(T ReportOptions::*member) {
  return [member](auto& config) -> auto& { return config.report.*member; };
}

/// auto, cpu, cuda or cuda:N
ConfigKey device_key() {
  ConfigKey key = text("device", of(&MachineOptions::device), "where to compute; auto: a GPU when there is one");
  key.takes = "auto, cpu, cuda or cuda:N";
  key.set = [](Config& config, const std::string& value) {
    const std::string prefix = "cuda:";
    const bool numbered = value.rfind(prefix, 0) == 0 && value.size() > prefix.size() && value.size() < 9 &&
                          std::all_of(value.begin() + 5, value.end(), [](unsigned char c) { return std::isdigit(c); });
    if (value != "auto" && value != "cpu" && value != "cuda" && !numbered) return false;
    config.machine.device = value;
    return true;
  };
  return key;
}

/// auto, or a probability
ConfigKey threshold_key() {
  const NumberRange range{.min = 0, .max = 1, .min_included = false, .max_included = false};
  const auto set = [range](Config& config, const std::string& value) {
    double number = 0;
    if (value != "auto" && !parse(value, range, number)) return false;
    config.inference.threshold = value == "auto" ? std::nullopt : std::optional(number);
    return true;
  };
  const auto get = [](const Config& config) {
    return config.inference.threshold ? shortest(*config.inference.threshold) : std::string("auto");
  };
  return {"threshold",
          "auto or " + describe(range),
          "cloud probability from which a pixel counts as cloud; auto: what the model was made for",
          false,
          set,
          get};
}

// clang-format off
std::vector<ConfigKey> reference_keys() {
  using D = DataOptions; using T = TrainingOptions; using M = MachineOptions; using R = ReportOptions;
  return {
      text("benchmark", of(&R::benchmark), "name in the MLPerf log"),
      text("organisation", of(&R::organisation), "who submits, for the MLPerf log"),
      text("division", of(&R::division), "division of the submission"),
      text("status", of(&R::status), "status of the submission"),
      text("platform", of(&R::platform), "name of the machine, for the MLPerf log"),
      whole("accelerators_per_node", of(&M::accelerators_per_node), {.max = 1'000'000}, "as submitted; the logs carry what was measured"),
      path("train_dir", of(&D::train_dir), true, "folder of training scenes, searched recursively"),
      path("inference_dir", of(&D::inference_dir), true, "folder of scenes to find clouds in"),
      path("model_file", of(&R::model_file), false, "trained network: written by train, read by infer"),
      path("output_dir", of(&R::output_dir), false, "folder of masks, metrics and report"),
      path("log_file", of(&R::log_file), false, "one line a training and an inference is added to it"),
      path("mlperf_logfile", of(&R::mlperf_logfile), false, "MLPerf events"),
      whole("PATCH_SIZE", of(&D::patch_size_px), {.min = 32, .max = 4096, .multiple_of = 8}, "side of a patch in pixels"),
      whole("IMAGE_H", of(&D::image_height_px), {.min = 1, .max = 100'000}, "expected height of a scene in pixels, for estimates"),
      whole("IMAGE_W", of(&D::image_width_px), {.min = 1, .max = 100'000}, "expected width of a scene in pixels, for estimates"),
      whole("N_CHANNELS", of(&D::channels), {.min = 9, .max = 9}, "6 reflectances and 3 brightness temperatures"),
      number("MIN_SST", of(&D::min_sst_k), {}, "read by nothing, as in the reference program"),
      whole("CROP_SIZE", of(&InferenceOptions::crop_size_px), {.max = 4088, .multiple_of = 8}, "overlap of patches in pixels; half of it is cut from each side"),
      whole("seed", of(&M::seed), {.max = 4'294'967'295}, "of weights, order of patches and augmentation"),
      number("learning_rate", of(&T::learning_rate), {.min = 0, .min_included = false}, "of Adam"),
      whole("epochs", of(&T::epochs), {.min = 1, .max = 1'000'000}, "times through the training patches"),
      whole("batch_size", of(&T::batch_size), {.min = 1, .max = 65'536}, "patches a step"),
      number("train_split", of(&D::train_split), {.min = 0, .max = 1, .min_included = false, .max_included = false}, "share of the scenes that are trained on; the others test"),
      number("clip_offset", of(&D::clip_offset), {}, "read by nothing, as in the reference program"),
      flag("no_cache", of(&D::no_cache), "read the scenes again in every epoch"),
      whole("nodes", of(&M::nodes), {.min = 1, .max = 100'000}, "machines that a launcher started processes on; 1: as many as there are"),
      whole("gpu", of(&M::gpu), {.max = 1024}, "processes a machine, each with its GPU; 0: one for each GPU, one without GPUs"),
  };
}

template <typename Choice>
std::vector<std::pair<std::string, Choice>> named(std::initializer_list<Choice> choices) {
  std::vector<std::pair<std::string, Choice>> names;
  for (const Choice choice : choices) names.emplace_back(to_string(choice), choice);
  return names;
}

std::vector<ConfigKey> own_keys() {
  using D = DataOptions; using T = TrainingOptions; using I = InferenceOptions; using M = MachineOptions;
  const auto precisions = std::vector<std::pair<std::string, Precision>>{
      {"auto", Precision::kAuto}, {"fp32", Precision::kFp32}, {"bf16", Precision::kBf16}};
  const auto gradient_precisions = named({GradientPrecision::kFp32, GradientPrecision::kBf16});
  const auto kernels = std::vector<std::pair<std::string, Kernels>>{{"auto", Kernels::kAuto}, {"avx2", Kernels::kAvx2}, {"plain", Kernels::kPlain}};
  const auto grids = std::vector<std::pair<std::string, ReflectanceGrid>>{
      {"auto", ReflectanceGrid::kAuto}, {"1km", ReflectanceGrid::k1Km}, {"500m", ReflectanceGrid::k500M}};
  const auto views = named({View::kNadir, View::kOblique});
  const auto normalisations = named({Normalisation::kReference, Normalisation::kSpectral, Normalisation::kBackground});
  const auto losses = std::vector<std::pair<std::string, LossKind>>{
      {"bce", LossKind::kBce}, {"weighted_bce", LossKind::kWeightedBce}};
  const auto schedules = std::vector<std::pair<std::string, ScheduleKind>>{
      {"constant", ScheduleKind::kConstant}, {"cosine", ScheduleKind::kCosine}};
  const auto supervisions = named({Supervision::kLabels, Supervision::kNone, Supervision::kBoth});
  const auto tile_modes = std::vector<std::pair<std::string, TileMode>>{
      {"scene", TileMode::kScene}, {"patches", TileMode::kPatches}};
  const auto mask_formats = std::vector<std::pair<std::string, MaskFormat>>{
      {"hdf5", MaskFormat::kHdf5}, {"netcdf", MaskFormat::kNetcdf}, {"geotiff", MaskFormat::kGeotiff}};
  return {
      device_key(),
      choice("precision", of(&M::precision), precisions, "auto: bf16 where the hardware computes it"),
      whole("threads", of(&M::threads), {.max = 4096}, "of each process; 0: all cores it may use, shared among the processes of a machine"),
      choice("kernels", of(&M::kernels), kernels, "auto: cloudmask's own where this processor has some; avx2: as if it had no AVX-512; plain: LibTorch's operations"),
      flag("caching_allocator", of(&M::caching_allocator), "keep the memory of freed tensors for the next step; false: LibTorch's own allocator"),
      flag("deterministic", of(&T::deterministic), "the same bits for the same seed and number of processes, resumed or not"),
      flag("cuda_graph", of(&T::cuda_graph), "one process on a GPU: record a step once and replay it"),
      path("cache_dir", of(&D::cache_dir), true, "where prepared patches are kept; nothing: in memory"),
      choice("reflectance_grid", of(&D::reflectance_grid), grids, "grid of the reflectances in the files; auto: by their size"),
      choice("view", of(&D::view), views, "view that ESA's products are read in; the benchmark's scenes are nadir"),
      flag("keep_going", of(&D::keep_going), "train without unreadable scenes instead of stopping"),
      flag("augment", of(&D::augment), "vary training patches: the eight symmetries of the square and the two jitters"),
      number("temperature_jitter_k", of(&D::temperature_jitter_k), {.min = 0, .max = 60}, "augment: patches are warmer or colder by up to this"),
      number("reflectance_jitter", of(&D::reflectance_jitter), {.min = 0, .max = 0.9}, "augment: patches are brighter or darker by up to this share"),
      choice("normalisation", of(&ModelOptions::normalisation), normalisations, "input of the network; spectral adds brightness-temperature differences, background also the warmth of the ground around"),
      whole("base_filters", of(&ModelOptions::base_filters), {.min = 1, .max = 512}, "feature maps of the first level"),
      choice("supervision", of(&T::supervision), supervisions, "what teaches the network; none: bayes is never opened; both: labels and what needs none"),
      path("cloud_optics", of(&T::cloud_optics), true, "YAML file of the optics of simulated clouds (supervision: none, both), instead of those compiled in"),
      flag("batch_per_rank", of(&T::batch_per_rank), "batch_size counts for each process, not for all together"),
      choice("gradient_precision", of(&T::gradient_precision), gradient_precisions, "what gradients are sent as between processes; bf16: half the bytes, for slow networks"),
      choice("loss", of(&T::loss), losses, "binary cross entropy, plain or weighted"),
      number("positive_weight", of(&T::positive_weight), {.min = 0, .max = 1, .min_included = false, .max_included = false}, "weighted_bce: weight of cloud against clear, which has 1"),
      number("label_smoothing", of(&T::label_smoothing), {.min = 0, .max = 1, .max_included = false}, "how far labels are drawn to 0.5"),
      number("weight_decay", of(&T::weight_decay), {.min = 0, .max = 1}, "decoupled weight decay (AdamW)"),
      choice("schedule", of(&T::schedule), schedules, "of the learning rate"),
      number("warmup_epochs", of(&T::warmup_epochs), {.min = 0}, "epochs over which the learning rate rises from 0"),
      flag("early_stopping", of(&T::early_stopping), "stop when the test loss no longer falls, and keep the best weights"),
      whole("patience", of(&T::patience), {.min = 1, .max = 1'000'000}, "early_stopping: epochs to wait for a better test loss"),
      number("target_accuracy", of(&T::target_accuracy), {.min = 0, .max = 1}, "stop when the test accuracy reaches it; 0: never"),
      whole("validate_every", of(&T::validate_every), {.min = 1, .max = 1'000'000}, "epochs between evaluations on the test scenes"),
      whole("checkpoint_every", of(&T::checkpoint_every), {.min = 1, .max = 1'000'000}, "epochs between checkpoints"),
      choice("tile_mode", of(&I::tile_mode), tile_modes, "scene: few large tiles; patches: the reference's stitching"),
      choice("mask_format", of(&I::mask_format), mask_formats, "hdf5: as the reference program; netcdf: CF-1.8 with flags and coordinates; geotiff: a map"),
      text("mask_grid", of(&I::mask_grid), "geotiff: coordinate reference system of the map and side of a cell, e.g. EPSG:3413@1000; auto: by the scene's place"),
      whole("tile_px", of(&I::tile_px), {.min = 32, .max = 100'000, .multiple_of = 8, .or_zero = true}, "tile_mode scene: side of a tile; 0: chosen from memory"),
      threshold_key(),
      flag("overwrite", of(&I::overwrite), "make masks again that are there and up to date"),
  };
}
// clang-format on

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// Levenshtein's distance: insertions, deletions and substitutions.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, substituted}));
    }
  }
  return row.back();
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = [] {
    std::vector<ConfigKey> all = reference_keys();
    for (ConfigKey& key : own_keys()) all.push_back(std::move(key));
    return all;
  }();
  return keys;
}

const ConfigKey* find_key(std::string_view name) {
  for (const ConfigKey& key : config_keys()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

const ConfigKey& nearest_key(std::string_view name) {
  const std::string wanted = lower(name);
  return *std::min_element(config_keys().begin(), config_keys().end(), [&](const ConfigKey& a, const ConfigKey& b) {
    return edit_distance(wanted, lower(a.name)) < edit_distance(wanted, lower(b.name));
  });
}

}  // namespace cloudmask
