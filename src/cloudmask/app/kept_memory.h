#pragma once

namespace cloudmask {

/// For commands that go from scene to scene: from now on what is freed stays with the process, in one heap for all its
/// threads, so that the memory a scene was read in serves for what computes its mask, and for the next scene. The
/// system clears each page that it gives.
void keep_freed_memory();

}  // namespace cloudmask
