#include "cloudmask/tensor/cpu_allocator.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>

#include "cloudmask/base/log.h"

namespace cloudmask {
namespace {

// Smaller blocks are the C library's: it keeps them, but returns the end of its heap when 128 KiB are free there, which
// larger blocks would have it do, and undo, several times a step.
constexpr std::size_t kLargeBytes = std::size_t{64} << 10;

// LibTorch's deleters are plain functions, so what they need is here. Never destroyed: tensors may outlive main().
std::atomic<BlockArena*> installed_arena = nullptr;

void free_block(void* block) {
  if (block == nullptr) return;
  // Large blocks start at pages. Others may as well, and LibTorch returns blocks here that it got before we came.
  const bool starts_at_page = reinterpret_cast<std::uintptr_t>(block) % BlockArena::kPageBytes == 0;
  if (starts_at_page && installed_arena.load()->deallocate(block)) return;
  c10::free_cpu(block);
}

void* allocate_small(std::size_t bytes) {
  try {
    return c10::alloc_cpu(bytes);
  } catch (const c10::Error&) {
    installed_arena.load()->release();
  }
  try {
    return c10::alloc_cpu(bytes);
  } catch (const c10::Error&) {
    throw std::bad_alloc();
  }
}

class CachingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    void* const block = bytes < kLargeBytes ? allocate_small(bytes) : installed_arena.load()->allocate(bytes);
    if (block == nullptr && bytes > 0) throw std::bad_alloc();
    return {block, block, &free_block, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_block; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
};

}  // namespace

void install_cpu_allocator(const MachineOptions& options) {
  if (!options.caching_allocator) return;
  static std::once_flag once;
  std::call_once(once, [] {
    if (!BlockArena::huge_pages_given()) {
      log_warning(
          "this system gives no huge pages, which makes the first use of memory slower: the administrator may "
          "write madvise into /sys/kernel/mm/transparent_hugepage/enabled");
    }
    installed_arena = new BlockArena;
    c10::SetCPUAllocator(new CachingAllocator, /*priority=*/1);  // LibTorch's own has 0
  });
}

void release_cached_memory() noexcept {
  if (BlockArena* const arena = installed_arena) arena->release();
}

MemoryStatistics cpu_memory_statistics() {
  const BlockArena* const arena = installed_arena;
  return arena == nullptr ? MemoryStatistics{} : arena->statistics();
}

}  // namespace cloudmask
