#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cloudmask/base/byte_range.h"
#include "cloudmask/base/hdf5_handle.h"
#include "cloudmask/scene/raster_values.h"

namespace cloudmask {

/// What a raster must look like: [H,W,channels] or [channels,H,W]; one channel also [H,W]
/// and [1,H,W,1], which is how the reference program writes masks.
struct RasterWanted {
  std::string name;
  int channels = 1;
};

/// A dataset of a scene or mask file that has passed every check its header allows.
class Raster {
 public:
  /// Throws Error naming file and dataset, found and wanted: missing, not a dataset, wrong rank, size or type, stored
  /// outside the file, never written. Hold an Hdf5Lock while one lives.
  Raster(std::filesystem::path file, hid_t file_id, const RasterWanted& wanted);

  static bool exists(hid_t file_id, const std::string& name);

  int height_px() const { return height_px_; }
  int width_px() const { return width_px_; }
  std::string layout() const;  ///< e.g. "channels last, chunked, deflate"

  /// [H,W,channels]. scale_factor and add_offset are applied; _FillValue and missing_value become NaN. Throws Error.
  std::vector<float> read() const;

  /// The same values, to be read later and without the lock, from `file`, which is the one opened. Those that only the
  /// HDF5 library can read, or all if so wanted, are read here and now. Throws Error.
  RasterValues values(const std::shared_ptr<const ReadOnlyFile>& file, bool through_hdf5 = false) const;

  /// Where their bytes lie; as many from the beginning of the file where only the HDF5 library knows.
  std::vector<ByteRange> ranges(const std::shared_ptr<const ReadOnlyFile>& file) const;

 private:
  void check_type() const;
  void check_storage() const;
  void find_axes(std::vector<hsize_t> shape);
  std::size_t count() const;
  ValueCoding coding() const;
  LoadedValues load() const;
  RasterStorage storage(const std::shared_ptr<const ReadOnlyFile>& file) const;
  std::uint64_t stored_bytes() const;
  [[noreturn]] void refuse(const std::string& found_and_wanted) const;

  std::filesystem::path file_;
  RasterWanted wanted_;
  Hdf5Handle dataset_;
  int height_px_ = 0;
  int width_px_ = 0;
  bool channels_first_ = false;
};

}  // namespace cloudmask
