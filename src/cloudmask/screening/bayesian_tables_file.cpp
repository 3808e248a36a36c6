#include "cloudmask/screening/bayesian_tables_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"
#include "cloudmask/scene/hdf5_io.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

constexpr double kVersion1 = 1;
constexpr std::size_t kMostValues = 1 << 26;

Hdf5Handle make_group(const fs::path& file, hid_t parent, const std::string& name) {
  Hdf5Handle group(H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  if (!group.valid())
    throw Error(fmt::format("{}: group {} cannot be written; is the disk full?", file.string(), name));
  return group;
}

void write_table(const fs::path& file, hid_t kind, const std::string& name, const LikelihoodTable& table) {
  const Hdf5Handle group = make_group(file, kind, name);
  std::vector<hsize_t> shape;
  for (std::size_t i = 0; i < table.axes().size(); ++i) {
    const TableAxis& axis = table.axes()[i];
    shape.push_back(axis.bins());
    const Hdf5Handle edges = write_dataset(
        file, group.get(), {fmt::format("edges_{}", i), {axis.edges.size()}, H5T_NATIVE_FLOAT}, axis.edges.data());
    write_attribute(edges.get(), "quantity", std::string(feature_name(axis.quantity)));
  }
  write_dataset(file, group.get(), {"clear", shape, H5T_NATIVE_FLOAT}, table.clear.data());
  write_dataset(file, group.get(), {"cloud", shape, H5T_NATIVE_FLOAT}, table.cloud.data());
}

// Reads one kind's group; every fault names the dataset.
class KindReader {
 public:
  KindReader(const fs::path& file, hid_t file_id, const std::string& kind)
      : file_(file), file_id_(file_id), kind_(kind) {}

  KindTables read(std::uint8_t kind) {
    const Hdf5Handle group(H5Gopen2(file_id_, kind_.c_str(), H5P_DEFAULT));
    if (!group.valid()) refuse(kind_, "is no group");
    KindTables tables;
    tables.name = kind_;
    tables.kind = kind;
    tables.cloud_prior = read_number_attribute(group.get(), "cloud_prior", std::nan(""));
    const bool is_share = tables.cloud_prior > 0 && tables.cloud_prior < 1;
    if (!is_share) {
      refuse(kind_, fmt::format("attribute cloud_prior is {}, wanted a number between 0 and 1", tables.cloud_prior));
    }
    tables.spectral = read_table("spectral");
    tables.texture = read_table("texture");
    return tables;
  }

 private:
  LikelihoodTable read_table(const std::string& name) {
    const std::string path = kind_ + "/" + name;
    std::vector<TableAxis> axes;
    std::size_t values = 1;
    for (;;) {
      const std::string edges = fmt::format("{}/edges_{}", path, axes.size());
      if (!axes.empty() && H5Lexists(file_id_, edges.c_str(), H5P_DEFAULT) <= 0) break;
      axes.push_back(read_axis(edges));
      values *= axes.back().bins();
      if (values > kMostValues) refuse(edges, fmt::format("the table has more than {} cells", kMostValues));
    }
    LikelihoodTable table(axes);
    std::vector<hsize_t> shape;
    shape.reserve(axes.size());
    for (const TableAxis& axis : axes) shape.push_back(axis.bins());
    table.clear = read_probabilities(path + "/clear", shape);
    table.cloud = read_probabilities(path + "/cloud", shape);
    return table;
  }

  TableAxis read_axis(const std::string& path) {
    TableAxis axis;
    const Hdf5Handle dataset = open(path);
    const std::string quantity = read_text_attribute(dataset.get(), "quantity", "");
    const std::optional<Feature> feature = find_feature(quantity);
    if (!feature) refuse(path, "attribute quantity is '" + quantity + "', which no scene has");
    axis.quantity = *feature;
    axis.edges = read_floats(path, dataset, shape_of(dataset));
    const bool ascend =
        std::adjacent_find(axis.edges.begin(), axis.edges.end(), std::greater_equal<>()) == axis.edges.end();
    const bool finite = std::all_of(axis.edges.begin(), axis.edges.end(), [](float e) { return std::isfinite(e); });
    if (shape_of(dataset).size() != 1 || !ascend || !finite) refuse(path, "wanted a list of ascending numbers");
    return axis;
  }

  std::vector<float> read_probabilities(const std::string& path, const std::vector<hsize_t>& wanted) {
    const Hdf5Handle dataset = open(path);
    const std::vector<hsize_t> found = shape_of(dataset);
    if (found != wanted) {
      refuse(path,
             fmt::format("has the shape [{}], wanted [{}]: one more bin than edges on each axis, and one for missing "
                         "values",
                         fmt::join(found, ", "), fmt::join(wanted, ", ")));
    }
    std::vector<float> values = read_floats(path, dataset, found);
    double sum = 0;
    for (const float value : values) {
      if (std::isnan(value) || std::isinf(value) || value < 0)
        refuse(path, fmt::format("holds {}, wanted probabilities", value));
      sum += value;
    }
    if (!(sum > 0)) refuse(path, "holds zeros only");
    for (float& value : values) value = static_cast<float>(value / sum);
    return values;
  }

  Hdf5Handle open(const std::string& path) {
    Hdf5Handle dataset(H5Dopen2(file_id_, path.c_str(), H5P_DEFAULT));
    if (!dataset.valid()) refuse(path, "dataset is missing");
    return dataset;
  }

  static std::vector<hsize_t> shape_of(const Hdf5Handle& dataset) {
    const Hdf5Handle space(H5Dget_space(dataset.get()));
    std::vector<hsize_t> shape(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space.get()))));
    H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
    return shape;
  }

  std::vector<float> read_floats(const std::string& path, const Hdf5Handle& dataset,
                                 const std::vector<hsize_t>& shape) {
    hsize_t count = 1;
    for (const hsize_t size : shape) {
      if (size > kMostValues || count * size > kMostValues) refuse(path, "is too large for a table");
      count *= size;
    }
    std::vector<float> values(count);
    if (H5Dread(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
      refuse(path, "cannot be read as numbers; the file is damaged");
    }
    return values;
  }

  [[noreturn]] void refuse(const std::string& path, const std::string& reason) {
    throw Error(fmt::format("{}: {}: {}", file_.string(), path, reason));
  }

  const fs::path& file_;
  hid_t file_id_;
  std::string kind_;
};

}  // namespace

void write_bayesian_tables(const fs::path& file, const BayesianTables& tables) {
  const Hdf5Lock lock;
  AtomicFile atomic(file);
  Hdf5Handle opened = create_hdf5_file(atomic.temporary_path());
  write_attribute(opened.get(), "description", "clear and cloudy likelihoods for cloudmask screen --method bayesian");
  write_attribute(opened.get(), "bayesian_tables_version", kVersion1);
  write_attribute(opened.get(), "origin", tables.origin);
  write_attribute(opened.get(), "view", std::string(to_string(tables.view)));
  write_attribute(opened.get(), "program", fmt::format("cloudmask {}", kVersion));
  for (const KindTables& kind : tables.kinds) {
    const Hdf5Handle group = make_group(file, opened.get(), kind.name);
    write_attribute(group.get(), "cloud_prior", kind.cloud_prior);
    write_table(file, group.get(), "spectral", kind.spectral);
    write_table(file, group.get(), "texture", kind.texture);
  }
  if (!opened.close()) throw Error(fmt::format("{}: cannot be written; is the disk full?", file.string()));
  atomic.commit();
}

BayesianTables read_bayesian_tables(const fs::path& file) {
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const double version = read_number_attribute(opened.get(), "bayesian_tables_version", 0);
  if (version != kVersion1) {
    throw Error(fmt::format(
        "{}: {}; make tables with cloudmask screen --method bayesian --learn", file.string(),
        version == 0 ? std::string("holds no Bayesian tables")
                     : fmt::format("holds tables of version {}, this program reads {}", version, kVersion1)));
  }
  BayesianTables tables;
  tables.origin = read_text_attribute(opened.get(), "origin", "");
  tables.view = view_named(read_text_attribute(opened.get(), "view", ""));
  for (const KindTables& kind : make_empty_tables().kinds) {
    if (H5Lexists(opened.get(), kind.name.c_str(), H5P_DEFAULT) <= 0) continue;
    tables.kinds.push_back(KindReader(file, opened.get(), kind.name).read(kind.kind));
  }
  if (tables.kinds.empty()) {
    throw Error(file.string() + ": holds none of the groups day_sea, day_land, day_snow, night");
  }
  return tables;
}

}  // namespace cloudmask
