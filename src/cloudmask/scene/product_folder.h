#pragma once

#include <filesystem>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// The folder with a product's files, as long as this lives: the product itself, or for an archive (.zip, .tar) a
/// temporary folder with those of its files that reading the view takes. Nothing else of an archive is unpacked, and no
/// path in it is followed: only the names of files count.
class ProductFolder {
 public:
  /// Throws Error: the product is of another kind, or has the other view alone; the archive is damaged, holds a file
  /// twice or more than 2 GiB, or the temporary folder (TMPDIR) is full.
  ProductFolder(const std::filesystem::path& product, View view);
  ~ProductFolder();
  ProductFolder(const ProductFolder&) = delete;
  ProductFolder& operator=(const ProductFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;  ///< empty: the product is a folder
};

}  // namespace cloudmask
