#include "cloudmask/scene/raster.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/locate_values.h"

namespace cloudmask {
namespace {

// A whole orbit at 1 km has about 60 million pixels: more than this is a damaged header.
constexpr hsize_t kMaxPixels = hsize_t{1} << 28;
constexpr hsize_t kMaxChunkBytes = hsize_t{1} << 30;

hsize_t product(const std::vector<hsize_t>& shape) {
  hsize_t values = 1;
  for (const hsize_t size : shape) values *= size;
  return values;
}

const char* name_of(H5T_class_t type) {
  switch (type) {
    case H5T_STRING:
      return "text";
    case H5T_COMPOUND:
      return "a compound type";
    case H5T_ENUM:
      return "an enumeration";
    case H5T_REFERENCE:
      return "references";
    case H5T_VLEN:
      return "sequences of variable length";
    case H5T_OPAQUE:
      return "an opaque type";
    default:
      return "a type that is no number";
  }
}

// [C,H,W] to [H,W,C].
LoadedValues channels_last(const LoadedValues& planes, std::size_t channels) {
  const std::size_t pixels = planes.size() / channels;
  LoadedValues pixelwise(planes.size());
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const float* plane = &planes[channel * pixels];
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) pixelwise[pixel * channels + channel] = plane[pixel];
  }
  return pixelwise;
}

}  // namespace

bool Raster::exists(hid_t file_id, const std::string& name) {
  return H5Lexists(file_id, name.c_str(), H5P_DEFAULT) > 0;
}

Raster::Raster(std::filesystem::path file, hid_t file_id, const RasterWanted& wanted)
    : file_(std::move(file)), wanted_(wanted) {
  if (!exists(file_id, wanted_.name)) refuse("is missing");
  H5L_info_t link{};
  if (H5Lget_info(file_id, wanted_.name.c_str(), &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_EXTERNAL) {
    refuse("is a link to another file, wanted all in one");
  }
  dataset_ = Hdf5Handle(H5Oopen(file_id, wanted_.name.c_str(), H5P_DEFAULT));
  if (!dataset_.valid() || H5Iget_type(dataset_.get()) != H5I_DATASET) refuse("is not a dataset, or is damaged");
  const Hdf5Handle space(H5Dget_space(dataset_.get()));
  std::vector<hsize_t> shape;
  if (space.valid()) shape.resize(static_cast<std::size_t>(std::max(H5Sget_simple_extent_ndims(space.get()), 0)));
  if (!space.valid() || H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr) < 0) {
    refuse("has a damaged header");
  }
  find_axes(shape);
  check_type();
  check_storage();
}

void Raster::refuse(const std::string& found_and_wanted) const {
  throw Error(fmt::format("{}: dataset {} {}", file_.string(), wanted_.name, found_and_wanted));
}

void Raster::find_axes(std::vector<hsize_t> shape) {
  const auto channels = static_cast<hsize_t>(wanted_.channels);
  if (shape.size() == 4 && channels == 1 && shape.front() == 1 && shape.back() == 1) shape = {shape[1], shape[2]};
  std::vector<hsize_t> size;
  if (shape.size() == 2 && channels == 1) {
    size = shape;
  } else if (shape.size() == 3 && shape[2] == channels) {
    size = {shape[0], shape[1]};
  } else if (shape.size() == 3 && shape[0] == channels) {
    size = {shape[1], shape[2]};
    channels_first_ = true;
  } else {
    refuse(fmt::format("has shape [{}], wanted [height, width, {}] or [{}, height, width]", fmt::join(shape, ", "),
                       channels, channels));
  }
  if (size[0] < 1 || size[1] < 1 || size[0] > kMaxPixels || size[1] > kMaxPixels / size[0]) {
    refuse(fmt::format("has {} x {} pixels, wanted 1 to {} in all", size[0], size[1], kMaxPixels));
  }
  height_px_ = static_cast<int>(size[0]);
  width_px_ = static_cast<int>(size[1]);
}

void Raster::check_type() const {
  const Hdf5Handle type(H5Dget_type(dataset_.get()));
  const H5T_class_t found = type.valid() ? H5Tget_class(type.get()) : H5T_NO_CLASS;
  if (found != H5T_FLOAT && found != H5T_INTEGER) refuse(fmt::format("holds {}, wanted numbers", name_of(found)));
  if (!holds_numbers(type.get())) refuse("has a damaged header: its numbers reach beyond their bytes");
}

void Raster::check_storage() const {
  const Hdf5Handle properties(H5Dget_create_plist(dataset_.get()));
  if (!properties.valid()) refuse("has a damaged header");
  // Other files are not this scene's, and may be anywhere.
  if (H5Pget_layout(properties.get()) == H5D_VIRTUAL || H5Pget_external_count(properties.get()) != 0) {
    refuse("is stored in other files, wanted all in one");
  }
  if (H5Pget_layout(properties.get()) == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(H5S_MAX_RANK);
    const int rank = H5Pget_chunk(properties.get(), H5S_MAX_RANK, chunk.data());
    chunk.resize(static_cast<std::size_t>(std::max(rank, 0)));
    const Hdf5Handle type(H5Dget_type(dataset_.get()));
    if (product(chunk) > kMaxChunkBytes / H5Tget_size(type.get())) refuse("has chunks of more than 1 GiB");
  }
  const haddr_t offset = H5Dget_offset(dataset_.get());  // of contiguous ones
  const std::uint64_t file_bytes = std::filesystem::file_size(file_);
  if (offset != HADDR_UNDEF && (offset > file_bytes || stored_bytes() > file_bytes - offset)) {
    refuse(fmt::format("has values of {} bytes at byte {}, but the file has {}: it is truncated or damaged",
                       stored_bytes(), offset, file_bytes));
  }
  if (stored_bytes() == 0) refuse("was never written, wanted values");
  // Deflate reaches 1032 to 1. A small file whose header asks for gigabytes would take them before its values run out.
  constexpr std::uint64_t kAlwaysAllowedBytes = std::uint64_t{1} << 30U;
  constexpr std::uint64_t kLargestRatio = 1100;
  const std::uint64_t needed_bytes = count() * sizeof(float);
  if (needed_bytes > kAlwaysAllowedBytes && needed_bytes / kLargestRatio > stored_bytes()) {
    refuse(fmt::format("has {} bytes for {} x {} pixels, too few to hold them", stored_bytes(), height_px_, width_px_));
  }
}

std::size_t Raster::count() const {
  return static_cast<std::size_t>(height_px_) * static_cast<std::size_t>(width_px_) *
         static_cast<std::size_t>(wanted_.channels);
}

std::uint64_t Raster::stored_bytes() const { return H5Dget_storage_size(dataset_.get()); }

std::string Raster::layout() const {
  const Hdf5Handle properties(H5Dget_create_plist(dataset_.get()));
  std::string text = channels_first_ ? "channels first" : "channels last";
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED) return text + ", contiguous";
  text += ", chunked";
  for (int i = 0; i < H5Pget_nfilters(properties.get()); ++i) {
    char name[64] = "";
    unsigned flags = 0;
    std::size_t parameters = 0;
    H5Pget_filter2(properties.get(), static_cast<unsigned>(i), &flags, &parameters, nullptr, sizeof name, name,
                   nullptr);
    text += fmt::format(", {}", name);
  }
  return text;
}

ValueCoding Raster::coding() const {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const auto number = [&](const char* name, double otherwise) {
    return static_cast<float>(read_number_attribute(dataset_.get(), name, otherwise));
  };
  return {.fill = number("_FillValue", kNone),
          .missing = number("missing_value", kNone),
          .scale = number("scale_factor", 1),
          .offset = number("add_offset", 0)};
}

LoadedValues Raster::load() const {
  LoadedValues found(count());
  if (H5Dread(dataset_.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found.data()) < 0) {
    refuse("cannot be read: it is truncated, damaged, or compressed by a filter that this HDF5 library lacks");
  }
  coding().decode(found.data(), found.size());
  return channels_first_ ? channels_last(found, static_cast<std::size_t>(wanted_.channels)) : std::move(found);
}

std::vector<float> Raster::read() const {
  const LoadedValues loaded = load();
  return {loaded.begin(), loaded.end()};
}

RasterStorage Raster::storage(const std::shared_ptr<const ReadOnlyFile>& file) const {
  return {.file = file,
          .name = wanted_.name,
          .height_px = static_cast<std::size_t>(height_px_),
          .width_px = static_cast<std::size_t>(width_px_),
          .channels = static_cast<std::size_t>(wanted_.channels),
          .channels_first = channels_first_,
          .coding = coding(),
          .place = LoadedValues()};
}

RasterValues Raster::values(const std::shared_ptr<const ReadOnlyFile>& file, bool through_hdf5) const {
  RasterStorage where = storage(file);
  if (through_hdf5 || !locate_values(dataset_.get(), where)) where.place = load();
  return RasterValues(std::move(where));
}

std::vector<ByteRange> Raster::ranges(const std::shared_ptr<const ReadOnlyFile>& file) const {
  RasterStorage where = storage(file);
  if (locate_values(dataset_.get(), where)) {
    const auto* grid = std::get_if<ChunkGrid>(&where.place);
    if (grid == nullptr) return {{std::get<ContiguousValues>(where.place).offset, stored_bytes()}};
    std::vector<ByteRange> chunks;
    chunks.reserve(grid->chunks.size());
    for (const StoredChunk& chunk : grid->chunks) chunks.push_back({chunk.offset, chunk.size_bytes});
    return chunks;
  }
  return {{0, std::min<std::uint64_t>(stored_bytes(), file->size_bytes())}};
}

}  // namespace cloudmask
