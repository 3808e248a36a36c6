#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cloudmask/remote/store_answers.h"

namespace cloudmask {

/// An object and where it goes below the target folder.
struct WantedFile {
  RemoteObject object;
  std::filesystem::path path;
};

/// A key with the reason why its object is not (or could not be) fetched; both printable.
struct FailedKey {
  std::string key;
  std::string reason;
};

struct Selection {
  std::vector<WantedFile> files;  ///< in the order of the list
  std::vector<FailedKey> refused;
};

/// Asks for the page that `token` begins (empty: the first), of so many objects at most.
using ListPages = std::function<ListPage(const std::string& token, std::size_t most_objects)>;

/// All objects of a list, or the first `limit` that can be fetched. Folder markers are passed over; keys that no file
/// may have (path_of_key), that come twice, and that lie below another object are refused. Throws Error for a list
/// that goes round in circles.
Selection select_objects(const ListPages& list, const std::string& prefix, std::optional<std::size_t> limit);

}  // namespace cloudmask
