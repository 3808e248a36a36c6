#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/descriptor.h"
#include "cloudmask/remote/range_set.h"
#include "cloudmask/remote/selection.h"
#include "cloudmask/remote/target_folder.h"

namespace cloudmask {

/// Files above it come in parts: large enough that the wait for an answer does not count, small enough that all jobs
/// find something to do.
inline constexpr std::uint64_t kPart_bytes = std::uint64_t{16} << 20U;

/// What has come of an object so far, in the folder of unfinished files, with a note beside it: key, ETag, size, and
/// which bytes are there. A later run goes on from there if the object is still the same. Several threads may write
/// different bytes at the same time. Members throw Error: full disk, no permission.
class PartialFile {
 public:
  /// Reads the note that an earlier run has left; a note of another object, or a damaged one, counts as none.
  PartialFile(const TargetFolder& folder, WantedFile wanted);

  const WantedFile& wanted() const { return wanted_; }
  std::vector<ByteRange> missing() const { return received_.gaps(wanted_.object.bytes); }
  std::uint64_t received_bytes() const { return received_.bytes(); }
  std::uint64_t missing_bytes() const { return wanted_.object.bytes - received_.bytes(); }

  /// Makes or opens the file. Once, before write().
  void open();

  /// The note follows four times a second: a killed program loses no more.
  void write(std::uint64_t offset, std::string_view bytes);

  /// For when fetching stops: what came stays, with its note.
  void keep_note();

  /// For when the object is given up: the same, and the file is closed, or removed when nothing came.
  void set_aside();

  int descriptor() const { return file_.get(); }

  /// Forgets all that came, and takes what the object is now.
  void restart(const RemoteObject& object);

  /// Gives the file its object's time and its place.
  void adopt();

 private:
  void load_note();
  void save_note();
  void remove(const std::string& name) const;

  const TargetFolder& folder_;
  WantedFile wanted_;
  std::string name_;  ///< of the file; that of the note has an ending more
  Descriptor file_;
  std::mutex mutex_;  ///< of what follows
  RangeSet received_;
  Stopwatch since_note_;
};

}  // namespace cloudmask
