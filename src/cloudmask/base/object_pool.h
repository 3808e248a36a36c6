#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cloudmask {

/// Objects that are dear to make (large buffers, connections), lent to whichever thread needs one; there are as many as
/// were ever lent at the same time.
template <typename T>
class ObjectPool {
 public:
  using Make = std::function<std::unique_ptr<T>()>;
  explicit ObjectPool(Make make = [] { return std::make_unique<T>(); }) : make_(std::move(make)) {}

  class Loan {
   public:
    Loan(ObjectPool& pool, std::unique_ptr<T> object) : pool_(pool), object_(std::move(object)) {}
    ~Loan() {
      const std::lock_guard lock(pool_.mutex_);
      pool_.free_.push_back(std::move(object_));
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    T& operator*() const { return *object_; }
    T* operator->() const { return object_.get(); }

   private:
    ObjectPool& pool_;
    std::unique_ptr<T> object_;
  };

  Loan lend() {
    std::unique_ptr<T> object;
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        object = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (!object) object = make_();
    return Loan(*this, std::move(object));
  }

 private:
  const Make make_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace cloudmask
