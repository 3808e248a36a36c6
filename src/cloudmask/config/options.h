#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "cloudmask/config/choices.h"

namespace cloudmask {

/// Where the scenes are and how they become patches.
struct DataOptions {
  /// Searched recursively.
  std::filesystem::path train_dir;
  /// Searched recursively.
  std::filesystem::path inference_dir;
  std::filesystem::path cache_dir;   ///< empty: patches are cached in memory
  int patch_size_px = 256;           ///< PATCH_SIZE: multiple of 8, at least 32
  int image_height_px = 1200;        ///< IMAGE_H: expected scene size, for estimates; a scene's own size counts
  int image_width_px = 1500;         ///< IMAGE_W
  int channels = 9;                  ///< N_CHANNELS: 6 reflectances and 3 brightness temperatures, nothing else
  double train_split = 0.8;          ///< share of the scenes that are trained on
  double clip_offset = 15;           ///< clip_offset and min_sst_k are read by nothing, as in the reference program:
  double min_sst_k = 273.15;         ///< MIN_SST: accepted so that its configuration runs unchanged
  bool no_cache = false;             ///< read the scenes again in every epoch
  bool augment = true;               ///< the eight symmetries of the square, and:
  double temperature_jitter_k = 40;  ///< training patches are warmer or colder by up to this
  double reflectance_jitter = 0.15;  ///< training patches are brighter or darker by up to this share
  bool keep_going = false;           ///< leave out unreadable scenes instead of stopping
  /// Of the files.
  ReflectanceGrid reflectance_grid = ReflectanceGrid::kAuto;
  View view = View::kNadir;  ///< that products are read in; the benchmark's scenes are nadir
};

/// The network.
struct ModelOptions {
  int base_filters = 32;  ///< feature maps of the first level, doubled at each of the three poolings
  Normalisation normalisation = Normalisation::kBackground;  ///< its input
};

/// How the network learns.
struct TrainingOptions {
  Supervision supervision = Supervision::kLabels;  ///< what teaches it
  std::filesystem::path cloud_optics;              ///< of simulated clouds; empty: config/cloud_optics.yaml, built in
  int epochs = 1;                                  ///< times through the training patches
  int batch_size = 32;                             ///< patches, over all ranks unless batch_per_rank
  bool batch_per_rank = false;                     ///< batch_size counts for each rank
  GradientPrecision gradient_precision = GradientPrecision::kFp32;  ///< between ranks
  double learning_rate = 0.001;                                     ///< of Adam
  double weight_decay = 0.0;                                        ///< decoupled (AdamW)
  LossKind loss = LossKind::kBce;                                   ///< what is made small
  double positive_weight = 0.5;                                     ///< weighted_bce: weight of cloud; clear has 1
  double label_smoothing = 0.0;                                     ///< how far labels are drawn to 0.5
  ScheduleKind schedule = ScheduleKind::kConstant;                  ///< of the learning rate
  double warmup_epochs = 0.0;                                       ///< over which the learning rate rises from 0
  bool early_stopping = false;   ///< when the test loss no longer falls; the best weights are kept
  int patience = 25;             ///< epochs without a better test loss
  double target_accuracy = 0.0;  ///< stop when the test accuracy reaches it; 0: never
  int validate_every = 1;        ///< epochs
  int checkpoint_every = 1;      ///< epochs
  bool deterministic = false;    ///< the same bits for the same seed and number of ranks, resumed or not
  bool cuda_graph = false;       ///< one process on a GPU: the work of a step is recorded and replayed
};

/// How masks are made, and as what.
struct InferenceOptions {
  TileMode tile_mode = TileMode::kScene;  ///< how a scene is cut for the network
  int crop_size_px = 80;                  ///< CROP_SIZE: patches overlap by this; half of it is cut from each side
  int tile_px = 0;  ///< tile_mode scene: side of a tile without its halo, multiple of 8; 0: chosen from memory
  std::optional<double> threshold;  ///< cloud probability from which a pixel is cloud; empty: the model's own
  MaskFormat mask_format = MaskFormat::kHdf5;  ///< of mask files
  std::string mask_grid = "auto";              ///< of kGeotiff: a CRS, and the side of a cell (docs/formats.md)
  bool overwrite = false;                      ///< make masks again that are there and up to date
};

/// What computes.
struct MachineOptions {
  std::string device = "auto";             ///< auto, cpu, cuda, cuda:N
  Precision precision = Precision::kAuto;  ///< of the network's arithmetic
  int threads = 0;                         ///< 0: all cores this process may use
  Kernels kernels = Kernels::kAuto;        ///< whose convolutions run
  bool caching_allocator = true;  ///< memory of CPU tensors is kept for the next ones, not given back to the system
  int nodes = 1;                  ///< machines; above 1 it must be what the launcher did
  int gpu = 0;                    ///< processes a machine; 0: one for each GPU, one without GPUs
  int accelerators_per_node = 0;  ///< as submitted; the logs carry what was measured
  std::uint32_t seed = 1234;      ///< of weights, order of patches and augmentation
};

/// Where results go, and who submits them (MLPerf log).
struct ReportOptions {
  std::filesystem::path model_file = "cloudModel.h5";             ///< train writes it, infer reads it
  std::filesystem::path output_dir = "output";                    ///< masks, metrics, report
  std::filesystem::path log_file = "cloudMask_Log";               ///< one line a training and an inference
  std::filesystem::path mlperf_logfile = "mlperf_cloudmask.log";  ///< MLPerf events
  std::string benchmark = "CloudMask";                            ///< name in the MLPerf log, as the four below
  std::string organisation;                                       ///< who submits
  std::string division;                                           ///< of the submission
  std::string status;                                             ///< of the submission
  std::string platform;                                           ///< name of the machine
};

/// All that can be set, with its default. The keys of the configuration file are named in config_keys.cpp; those in
/// capitals and their values are the reference program's (cloudMaskConfig.yaml of MLCommons Science).
struct Config {
  DataOptions data;            ///< scenes
  ModelOptions model;          ///< network
  TrainingOptions training;    ///< learning
  InferenceOptions inference;  ///< masks
  MachineOptions machine;      ///< devices
  ReportOptions report;        ///< results
};

}  // namespace cloudmask
