#include "cloudmask/base/module.h"

#include <dlfcn.h>

#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {

Module::Module(std::string file, Visible visible)
    : file_(std::move(file)),
      library_(dlopen(file_.c_str(), RTLD_NOW | (visible == Visible::kToEverybody ? RTLD_GLOBAL : RTLD_LOCAL))) {
  if (library_ == nullptr) fault_ = dlerror();
}

void* Module::address_of(const char* name) const {
  CM_CHECK(library_ != nullptr);
  void* const address = dlsym(library_, name);
  if (address == nullptr) throw Error(file_ + " is of another version: install cloudmask anew");
  return address;
}

}  // namespace cloudmask
