#pragma once

#include <cstddef>
#include <map>
#include <mutex>

namespace cloudmask {

struct MemoryStatistics {
  std::size_t in_use_bytes = 0;  ///< blocks handed out and not yet returned, in whole pages
  std::size_t held_bytes = 0;    ///< mapped from the system: in use, or kept for the next block
  std::size_t mappings = 0;      ///< how often the system was asked for memory, ever
};

/// Large blocks of memory that is kept when they are freed, on huge pages where the system has them. Safe to use from
/// several threads. A new block takes the smallest free range it fits into and leaves the rest; neighbouring free
/// ranges become one; memory is mapped only for what no free range holds.
class BlockArena {
 public:
  static constexpr std::size_t kPageBytes = 4096;  ///< every block starts at a multiple of it

  /// Whether this system gives this process huge pages; without them a block's first use takes several times as long.
  static bool huge_pages_given();

  BlockArena() = default;
  /// Every block must have been returned.
  ~BlockArena();
  BlockArena(const BlockArena&) = delete;
  BlockArena& operator=(const BlockArena&) = delete;

  /// At least `bytes`, not 0. Null when the system refuses, even after release().
  void* allocate(std::size_t bytes);

  /// False, and nothing is done, when `block` is none of this arena's.
  bool deallocate(void* block) noexcept;

  /// Gives the free memory back to the system.
  void release() noexcept;

  MemoryStatistics statistics() const;

 private:
  using Ranges = std::map<char*, std::size_t>;  // start -> bytes

  Ranges::iterator smallest_free(std::size_t bytes);
  Ranges::iterator grow(std::size_t bytes);
  Ranges::iterator add_free(Ranges::node_type range) noexcept;
  void release_free() noexcept;

  mutable std::mutex mutex_;
  Ranges used_;
  Ranges free_;           // no two are neighbours
  char* edge_ = nullptr;  // where the next mapping should start: the end of the last one
  MemoryStatistics statistics_;
};

}  // namespace cloudmask
