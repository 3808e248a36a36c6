#include "cloudmask/scene/cf_mask.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hdf5_hl.h>

#include <cmath>
#include <limits>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/base/version.h"
#include "cloudmask/scene/hdf5_io.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

using Texts = std::vector<std::pair<const char*, std::string>>;

constexpr std::int8_t kNoData = -1;

// Dimensions and variables of a netCDF-4 file: HDF5 datasets with dimension scales.
class CfFile {
 public:
  CfFile(fs::path file, hid_t file_id, const Mask& mask)
      : file_(std::move(file)),
        file_id_(file_id),
        shape_{static_cast<hsize_t>(mask.height_px), static_cast<hsize_t>(mask.width_px)},
        y_(add_dimension("y", shape_[0])),
        x_(add_dimension("x", shape_[1])) {}

  template <typename Number>
  Hdf5Handle add(const char* name, hid_t type, const Number* values, const Texts& texts) {
    constexpr int kDeflateLevel = 1;
    Hdf5Handle variable = write_dataset(file_, file_id_, {name, shape_, type, kDeflateLevel}, values);
    if (H5DSattach_scale(variable.get(), y_.get(), 0) < 0 || H5DSattach_scale(variable.get(), x_.get(), 1) < 0) {
      throw Error(fmt::format("{}: variable {} cannot be written; is the disk full?", file_.string(), name));
    }
    add_texts(variable.get(), texts);
    return variable;
  }

  void add_texts(hid_t object, const Texts& texts) {
    for (const auto& [name, text] : texts) write_attribute(object, name, text);
  }

 private:
  // The name by which netCDF knows a dimension that has no coordinate variable of its own.
  Hdf5Handle add_dimension(const char* name, hsize_t length) {
    const Hdf5Handle space(H5Screate_simple(1, &length, nullptr));
    const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_obj_track_times(properties.get(), false);
    Hdf5Handle dimension(
        H5Dcreate2(file_id_, name, H5T_IEEE_F32BE, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
    const std::string label = fmt::format("This is a netCDF dimension but not a netCDF variable.{:>10}", length);
    if (!dimension.valid() || H5DSset_scale(dimension.get(), label.c_str()) < 0) {
      throw Error(fmt::format("{}: dimension {} cannot be written; is the disk full?", file_.string(), name));
    }
    return dimension;
  }

  fs::path file_;
  hid_t file_id_;
  std::vector<hsize_t> shape_;
  Hdf5Handle y_;
  Hdf5Handle x_;
};

template <typename Number>
void write_numbers(hid_t object, const char* name, hid_t type, const std::vector<Number>& numbers) {
  write_attribute(object, name, type, numbers.size(), numbers.data());
}

Texts with_coordinates(Texts texts, const Geolocation& geolocation) {
  if (!geolocation.latitude_deg.empty()) texts.emplace_back("coordinates", "latitude longitude");
  return texts;
}

void add_place(CfFile& file, const Geolocation& geolocation) {
  const std::vector<float> fill = {std::numeric_limits<float>::quiet_NaN()};
  if (geolocation.latitude_deg.empty()) return;
  const Hdf5Handle latitude =
      file.add("latitude", H5T_NATIVE_FLOAT, geolocation.latitude_deg.data(),
               {{"standard_name", "latitude"}, {"long_name", "latitude"}, {"units", "degrees_north"}});
  write_numbers(latitude.get(), "_FillValue", H5T_NATIVE_FLOAT, fill);
  const Hdf5Handle longitude =
      file.add("longitude", H5T_NATIVE_FLOAT, geolocation.longitude_deg.data(),
               {{"standard_name", "longitude"}, {"long_name", "longitude"}, {"units", "degrees_east"}});
  write_numbers(longitude.get(), "_FillValue", H5T_NATIVE_FLOAT, fill);
}

void add_probability(CfFile& file, const Mask& mask, const MaskOrigin& origin, const Geolocation& geolocation) {
  const Hdf5Handle variable = file.add(kCfProbability, H5T_NATIVE_FLOAT, mask.cloud_probability.data(),
                                       with_coordinates({{"long_name", "probability of cloud"},
                                                         {"units", "1"},
                                                         {"comment", "1 is cloud, 0 is clear"},
                                                         {"ancillary_variables", "cloud_mask"}},
                                                        geolocation));
  write_numbers(variable.get(), "_FillValue", H5T_NATIVE_FLOAT,
                std::vector<float>{std::numeric_limits<float>::quiet_NaN()});
  write_numbers(variable.get(), "valid_range", H5T_NATIVE_FLOAT, std::vector<float>{0, 1});
  write_origin(variable.get(), origin);
}

void add_classes(CfFile& file, const Mask& mask, const MaskOrigin& origin, const Geolocation& geolocation) {
  std::vector<std::int8_t> classes(mask.cloud_probability.size());
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const float probability = mask.cloud_probability[i];
    const auto known = static_cast<std::int8_t>(static_cast<double>(probability) >= origin.threshold ? 1 : 0);
    classes[i] = std::isnan(probability) ? kNoData : known;
  }
  const Hdf5Handle variable = file.add(
      "cloud_mask", H5T_NATIVE_INT8, classes.data(),
      with_coordinates({{"standard_name", "cloud_binary_mask"},
                        {"long_name", fmt::format("cloud where its probability is {} or more", origin.threshold)},
                        {"units", "1"},
                        {"flag_meanings", "clear cloud"}},
                       geolocation));
  write_numbers(variable.get(), "_FillValue", H5T_NATIVE_INT8, std::vector<std::int8_t>{kNoData});
  write_numbers(variable.get(), "flag_values", H5T_NATIVE_INT8, std::vector<std::int8_t>{0, 1});
}

// As int32, for CF-1.8 has no unsigned numbers.
void add_flags(CfFile& file, const Mask& mask, const Geolocation& geolocation) {
  if (mask.flags.empty()) return;
  CM_CHECK(mask.flags.size() == mask.cloud_probability.size() && mask.flag_names.size() <= 16);
  const std::vector<std::int32_t> flags(mask.flags.begin(), mask.flags.end());
  std::vector<std::int32_t> bits;
  for (std::size_t i = 0; i < mask.flag_names.size(); ++i) bits.push_back(static_cast<std::int32_t>(1U << i));
  const Hdf5Handle variable =
      file.add("flags", H5T_NATIVE_INT32, flags.data(),
               with_coordinates({{"standard_name", "status_flag"},
                                 {"long_name", "tests that call the pixel cloud"},
                                 {"flag_meanings", fmt::format("{}", fmt::join(mask.flag_names, " "))}},
                                geolocation));
  write_numbers(variable.get(), "flag_masks", H5T_NATIVE_INT32, bits);
}

}  // namespace

void write_cf_mask(const fs::path& file, hid_t file_id, const Mask& mask, const MaskOrigin& origin,
                   const Geolocation& geolocation) {
  CfFile out(file, file_id, mask);
  out.add_texts(file_id,
                {{"Conventions", "CF-1.8"},
                 {"title", "Cloud mask of " + origin.scene},
                 {"source", fmt::format("Sentinel-3 SLSTR Level 1, 1 km grid of the {} view", to_string(origin.view))},
                 {"history", fmt::format("made from {} by cloudmask {}, method {}{}{}", origin.scene, kVersion,
                                         origin.method, origin.model.empty() ? "" : " with ", origin.model)}});
  if (!geolocation.start_time.empty()) {
    out.add_texts(file_id, {{"time_coverage_start", geolocation.start_time},
                            {"time_coverage_end", geolocation.stop_time},
                            {"start_time", geolocation.start_time},
                            {"stop_time", geolocation.stop_time}});
  }
  add_place(out, geolocation);
  add_probability(out, mask, origin, geolocation);
  add_classes(out, mask, origin, geolocation);
  add_flags(out, mask, geolocation);
}

}  // namespace cloudmask
