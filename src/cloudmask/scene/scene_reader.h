#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/base/byte_range.h"
#include "cloudmask/config/options.h"
#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// What of a scene to read, and how.
struct ReadOptions {
  bool want_label = true;         ///< false: `bayes` is not opened
  bool need_label = false;        ///< true: a file without `bayes` is an Error
  bool want_truth = true;         ///< `truth`, `summary` and `surface`, where they are
  bool want_geolocation = false;  ///< latitude and longitude; products have them
  bool want_angles = false;       ///< zenith angles of sun and view; products have them
  /// Of the file.
  ReflectanceGrid reflectance_grid = ReflectanceGrid::kAuto;
  View view = View::kNadir;   ///< of products; the benchmark's files hold the nadir view alone
  int threads = 0;            ///< 0: as many as there are cores
  bool through_hdf5 = false;  ///< all by the HDF5 library, in one thread: for tests and measurements
};

/// Reads one scene: an ESA product (docs/products.md), or one of the benchmark's HDF5 files (reflectance at 500 m is
/// averaged 2x2 over its valid values; channels first or last; any layout and filter; NaN, _FillValue and values
/// outside the physical range become NaN; the nadir view alone). `bayes` above 0 is cloud, but 255 is not judged. What
/// locate_values places is read by several threads; the rest goes through the HDF5 library, one file at a time. Throws
/// Error naming file, dataset, what was found and what was wanted.
Scene read_scene(const std::filesystem::path& file, const ReadOptions& options = {});

/// The bytes of a file that read_scene needs, as they are stored; of a dataset that only the HDF5 library can place, as
/// many from the beginning of the file. For measurements. Throws the same errors as far as they show, and one for
/// products, which are many files.
std::vector<ByteRange> stored_ranges(const std::filesystem::path& file, const ReadOptions& options = {});

/// What a file of a scene holds.
struct SceneInfo {
  int height_px = 0;              ///< on the 1 km grid
  int width_px = 0;               ///< on the 1 km grid
  bool reflectance_500m = false;  ///< stored at 500 m
  bool has_label = false;         ///< `bayes` is there
  bool has_truth = false;         ///< `truth` is there
  std::string layout;             ///< e.g. "channels last, chunked, deflate"
};

/// What read_scene with the same options would find, from the headers alone: no raster is read. Throws the same errors
/// as far as they show.
SceneInfo inspect_scene(const std::filesystem::path& file, const ReadOptions& options = {});

/// The files of which a scene is made: itself, or those of a product that reading the view takes.
std::vector<std::filesystem::path> scene_parts(const std::filesystem::path& scene, View view);

/// Scenes below a folder (searched recursively: S3A*.hdf, S3B*.hdf, SL_1_RBT products), or the scene itself; sorted by
/// path as Python sorts strings. Throws Error when the path does not exist or holds no scene.
std::vector<std::filesystem::path> find_scenes(const std::filesystem::path& path);

/// find_scenes over several inputs, in the order given, without duplicates.
std::vector<std::filesystem::path> find_scenes(const std::vector<std::filesystem::path>& inputs);

/// The scenes of a folder that a key of the configuration names. Throws UsageError when the key is not set, and Error
/// naming the key when the folder is missing or has no scene.
std::vector<std::filesystem::path> scenes_of_key(const std::string& key, const std::filesystem::path& folder);

}  // namespace cloudmask
