#pragma once

#include <cstddef>
#include <memory_resource>
#include <utility>

namespace cloudmask {

/// Uninitialised floats of a kernel's work, at the beginning of a cache line: a vector that lies across two costs
/// twice. The memory's owner keeps it for the next call (see Workers).
class FloatBuffer {
 public:
  FloatBuffer() = default;
  FloatBuffer(std::size_t size, std::pmr::memory_resource* memory)
      : size_(size), memory_(memory), data_(static_cast<float*>(memory->allocate(size * sizeof(float), kCacheLine))) {}
  FloatBuffer(FloatBuffer&& other) noexcept { swap(other); }
  FloatBuffer& operator=(FloatBuffer&& other) noexcept {
    FloatBuffer(std::move(other)).swap(*this);
    return *this;
  }
  FloatBuffer(const FloatBuffer&) = delete;
  FloatBuffer& operator=(const FloatBuffer&) = delete;
  ~FloatBuffer() {
    if (data_ != nullptr) memory_->deallocate(data_, size_ * sizeof(float), kCacheLine);
  }

  std::size_t size() const { return size_; }
  float* data() { return data_; }
  const float* data() const { return data_; }
  float& operator[](std::size_t i) { return data_[i]; }
  float operator[](std::size_t i) const { return data_[i]; }

 private:
  static constexpr std::size_t kCacheLine = 64;

  void swap(FloatBuffer& other) noexcept {
    std::swap(size_, other.size_);
    std::swap(memory_, other.memory_);
    std::swap(data_, other.data_);
  }

  std::size_t size_ = 0;
  std::pmr::memory_resource* memory_ = nullptr;
  float* data_ = nullptr;
};

}  // namespace cloudmask
