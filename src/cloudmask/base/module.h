#pragma once

#include <string>

namespace cloudmask {

/// A library of cloudmask's own beside libcloudmask, which brings much that few need: loaded with whoever needs it
/// first, and for good.
class Module {
 public:
  /// Who finds its symbols, and those of what it needs.
  enum class Visible { kToItself, kToEverybody };

  explicit Module(std::string file, Visible visible = Visible::kToItself);

  /// Empty when it is loaded, else the system's reason.
  const std::string& fault() const { return fault_; }

  /// Of a fault: the file itself is not there, else what it needs is not.
  bool is_absent() const { return fault_.starts_with(file_); }

  /// An extern "C" function of a loaded one. Throws Error when it has none of that name.
  template <typename Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(address_of(name));
  }

 private:
  void* address_of(const char* name) const;

  std::string file_;
  void* library_;
  std::string fault_;
};

}  // namespace cloudmask
