#pragma once

#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace cloudmask {

/// Makes vector(n) and resize(n) leave new numbers unset: filling 60 MB with zeros costs as much as reading them.
template <typename T>
class UninitialisedAllocator : public std::allocator<T> {
 public:
  /// The same for elements of another type, as containers ask for it.
  template <typename U>
  struct rebind {
    using other = UninitialisedAllocator<U>;  ///< that allocator
  };
  UninitialisedAllocator() = default;  ///< has no state
  /// All allocators of this kind are equal.
  template <typename U>
  explicit(false) UninitialisedAllocator(const UninitialisedAllocator<U>& /*other*/) {}

  /// Leaves a number unset.
  template <typename U>
  void construct(U* place) {
    ::new (static_cast<void*>(place)) U;
  }
  /// Sets it where there is a value.
  template <typename U, typename... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    ::new (static_cast<void*>(place)) U(std::forward<Arguments>(arguments)...);
  }
};

/// A vector whose resize(n) does not set what it adds; everything else is as usual. For numbers that are about to be
/// written.
template <typename T>
using UninitialisedVector = std::vector<T, UninitialisedAllocator<T>>;

}  // namespace cloudmask
