#include "cloudmask/remote/selection.h"

#include <algorithm>
#include <unordered_set>

#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/remote/object_key.h"

namespace cloudmask {
namespace {

constexpr std::size_t kPage_objects = 1000;  // the most that S3 gives

/// A file cannot be a folder too: the object is kept, those below it are refused.
void refuse_below_files(Selection& selection) {
  std::unordered_set<std::string> files;
  for (const WantedFile& file : selection.files) files.insert(file.path.string());
  const auto below_a_file = [&](const WantedFile& file) {
    for (std::filesystem::path folder = file.path.parent_path(); !folder.empty(); folder = folder.parent_path()) {
      if (files.count(folder.string()) == 0) continue;
      selection.refused.push_back({printable(file.object.key), "its folder " + folder.string() + " is an object too"});
      return true;
    }
    return false;
  };
  std::erase_if(selection.files, below_a_file);
}

}  // namespace

Selection select_objects(const ListPages& list, const std::string& prefix, std::optional<std::size_t> limit) {
  Selection selection;
  std::unordered_set<std::string> keys;
  std::unordered_set<std::string> tokens;
  const auto enough = [&] { return limit && selection.files.size() >= *limit; };
  std::string token;
  do {
    if (interrupt_requested()) throw Interrupted("stopped by a signal while listing; nothing was fetched");
    if (!token.empty() && !tokens.insert(token).second) {
      throw Error("the store's list goes round in circles: a continuation token came twice");
    }
    const ListPage page = list(token, limit ? std::min(*limit, kPage_objects) : kPage_objects);
    for (const RemoteObject& object : page.objects) {
      if (enough()) break;
      if (is_folder_marker(object.key, object.bytes)) continue;
      try {
        if (!keys.insert(object.key).second) throw Error("it is in the list twice");
        selection.files.push_back({object, path_of_key(object.key, prefix)});
      } catch (const Error& error) {
        selection.refused.push_back({printable(object.key), error.what()});
      }
    }
    token = page.next_token;
  } while (!token.empty() && !enough());
  refuse_below_files(selection);
  return selection;
}

}  // namespace cloudmask
