#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cloudmask/config/options.h"

namespace cloudmask {

// ESA's SLSTR Level-1 product: a folder of netCDF-4 files, which are HDF5 files, or an archive of one.

/// What the name of a Sentinel-3 product says, e.g. S3A_SL_1_RBT____20210930T220914_20210930T221214_
/// 20211002T102150_0180_077_043_5400_LN2_O_NT_004.SEN3 (PDGS file naming: mission, type, start, stop, creation, ...,
/// baseline); `.zip` or `.tar` may follow.
struct ProductName {
  std::string type;  ///< e.g. "SL_1_RBT"
  int baseline = 0;  ///< of the processing, e.g. 4
};

/// Nothing when the name is none of a Sentinel-3 product.
std::optional<ProductName> parse_product_name(const std::string& name);

/// True for what is to be read as a product: its name ends in .SEN3, .zip or .tar.
bool is_product(const std::filesystem::path& path);

/// True for the name of a product that has what finding clouds takes: SL_1_RBT.
bool named_as_product(const std::filesystem::path& path);

/// The name of a product's file or variable in a view, which its last letter is: "S8_BT_i" is S8_BT_in or S8_BT_io.
std::string in_view(const std::string& name, View view);

/// Throws Error when the name is that of another kind of product.
void require_level_1(const std::filesystem::path& product, const std::string& name);

}  // namespace cloudmask
