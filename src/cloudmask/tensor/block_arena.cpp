#include "cloudmask/tensor/block_arena.h"

#include <sys/mman.h>
#include <sys/prctl.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "cloudmask/base/error.h"

// Why best fit over ranges that split and join: a training step asks for some ninety blocks, the same in
// every step. In a trace of steps of 4 patches (1 to 50 MB a block) 336 MB were in use at once; this holds 364 MB for
// them, free lists of one size each would hold 590, of eight size classes an octave 549. First fit, or small blocks
// from the far end, was no better.
namespace cloudmask {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;
constexpr std::size_t kLargestBytes = std::size_t{1} << 62;

std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

char* align_up(char* address) {
  const auto value = reinterpret_cast<std::uintptr_t>(address);
  return address + (round_up(value, kHugePageBytes) - value);
}

// Null when the system refuses. `wanted` is a wish.
char* map_pages(char* wanted, std::size_t bytes) {
  void* const start = mmap(wanted, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return start == MAP_FAILED ? nullptr : static_cast<char*>(start);
}

// `bytes`, whole huge pages, that start at one.
char* map_huge_pages(char* wanted, std::size_t bytes) {
  char* start = map_pages(wanted, bytes);
  if (start != nullptr && align_up(start) != start) {
    munmap(start, bytes);
    char* const wide = map_pages(nullptr, bytes + kHugePageBytes);
    if (wide == nullptr) return nullptr;
    start = align_up(wide);
    if (start > wide) munmap(wide, static_cast<std::size_t>(start - wide));
    munmap(start + bytes, static_cast<std::size_t>(wide + kHugePageBytes - start));
  }
  // Refused by systems that have no huge pages; small ones do as well.
  if (start != nullptr) madvise(start, bytes, MADV_HUGEPAGE);
  return start;
}

// Far from everything the system places by itself, so that mappings can follow each other and join. Null when there is
// no such place; mappings may then lie apart.
char* distant_address() {
  char* const probe = map_pages(nullptr, kHugePageBytes);
  if (probe == nullptr) return nullptr;
  munmap(probe, kHugePageBytes);
  constexpr std::uintptr_t kTiB = std::uintptr_t{1} << 40;
  for (std::uintptr_t distance = kTiB; distance < reinterpret_cast<std::uintptr_t>(probe) / 2; distance += kTiB) {
    char* const wanted = align_up(probe - distance);
    char* const found = map_pages(wanted, kHugePageBytes);
    if (found != nullptr) munmap(found, kHugePageBytes);
    if (found == wanted) return wanted;
  }
  return nullptr;
}

}  // namespace

bool BlockArena::huge_pages_given() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");  // "always [madvise] never"
  std::string modes;
  return std::getline(file, modes) && modes.find("[never]") == std::string::npos &&
         prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 0;
}

BlockArena::~BlockArena() {
  CM_CHECK(used_.empty());
  release();
}

void* BlockArena::allocate(std::size_t bytes) {
  if (bytes > kLargestBytes) return nullptr;
  bytes = round_up(bytes, kPageBytes);
  const std::lock_guard lock(mutex_);
  auto range = smallest_free(bytes);
  if (range == free_.end()) range = grow(bytes);
  if (range == free_.end()) {
    release_free();
    range = grow(bytes);
  }
  if (range == free_.end()) return nullptr;

  char* const start = range->first;
  if (range->second == bytes) {
    used_.insert(free_.extract(range));
  } else {
    used_.emplace(start, bytes);
    auto rest = free_.extract(range);
    rest.key() += bytes;
    rest.mapped() -= bytes;
    free_.insert(std::move(rest));
  }
  statistics_.in_use_bytes += bytes;
  return start;
}

// Joined ranges are few, so looking at each costs nothing beside filling a block; and an index by size would have to
// allocate when a block is returned, where nothing may fail.
BlockArena::Ranges::iterator BlockArena::smallest_free(std::size_t bytes) {
  auto best = free_.end();
  for (auto range = free_.begin(); range != free_.end(); ++range) {
    if (range->second >= bytes && (best == free_.end() || range->second < best->second)) best = range;
  }
  return best;
}

// A free range of at least `bytes`, end() when the system refuses. A free range at the edge is made longer.
BlockArena::Ranges::iterator BlockArena::grow(std::size_t bytes) {
  std::size_t missing = bytes;
  if (!free_.empty()) {
    const auto last = std::prev(free_.end());
    if (last->first + last->second == edge_) missing -= last->second;
  }
  if (edge_ == nullptr) edge_ = distant_address();
  Ranges made;
  made.emplace(nullptr, 0);  // may throw: before there is anything to lose
  missing = round_up(missing, kHugePageBytes);
  char* start = map_huge_pages(edge_, missing);
  if (start != nullptr && start != edge_ && missing < bytes) {  // something else is there
    munmap(start, missing);
    missing = round_up(bytes, kHugePageBytes);
    start = map_huge_pages(nullptr, missing);
  }
  if (start == nullptr) return free_.end();
  ++statistics_.mappings;
  statistics_.held_bytes += missing;
  edge_ = start + missing;
  auto range = made.extract(made.begin());
  range.key() = start;
  range.mapped() = missing;
  return add_free(std::move(range));
}

// Joins the range with its neighbours. Nodes only move from map to map: nothing is allocated, nothing can fail.
BlockArena::Ranges::iterator BlockArena::add_free(Ranges::node_type node) noexcept {
  auto range = free_.insert(std::move(node)).position;
  const auto next = std::next(range);
  if (next != free_.end() && range->first + range->second == next->first) {
    range->second += next->second;
    free_.erase(next);
  }
  if (range != free_.begin()) {
    const auto previous = std::prev(range);
    if (previous->first + previous->second == range->first) {
      previous->second += range->second;
      free_.erase(range);
      range = previous;
    }
  }
  return range;
}

bool BlockArena::deallocate(void* block) noexcept {
  const std::lock_guard lock(mutex_);
  const auto range = used_.find(static_cast<char*>(block));
  if (range == used_.end()) return false;
  statistics_.in_use_bytes -= range->second;
  add_free(used_.extract(range));
  return true;
}

void BlockArena::release() noexcept {
  const std::lock_guard lock(mutex_);
  release_free();
}

void BlockArena::release_free() noexcept {
  for (auto range = free_.begin(); range != free_.end();) {
    const auto current = range++;
    const auto [start, bytes] = *current;
    if (munmap(start, bytes) != 0) continue;  // splits too many mappings: stays as it was
    if (start + bytes == edge_) edge_ = align_up(start);
    statistics_.held_bytes -= bytes;
    free_.erase(current);
  }
}

MemoryStatistics BlockArena::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

}  // namespace cloudmask
