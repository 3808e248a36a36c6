#pragma once

#include "cloudmask/config/options.h"
#include "cloudmask/tensor/block_arena.h"

namespace cloudmask {

/// Unless options.caching_allocator is false: makes LibTorch keep the memory of freed CPU tensors for the next ones, so
/// that a step after the first maps no memory and touches no new page. Call before the first tensor; a second call does
/// nothing. It stays for the life of the process: LibTorch returns some blocks to whichever allocator is in place then.
/// Tensors that the system has no memory for are std::bad_alloc, after what was kept has been given back.
void install_cpu_allocator(const MachineOptions& options);

/// Gives what is kept and not in use back to the system; nothing when install_cpu_allocator() never was called.
void release_cached_memory() noexcept;

/// Of tensors of 64 KiB and more that the caching allocator made; zeros when it is not installed.
MemoryStatistics cpu_memory_statistics();

}  // namespace cloudmask
