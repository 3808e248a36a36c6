#include "cloudmask/base/system_error.h"

#include <cerrno>
#include <system_error>

#include "cloudmask/base/error.h"

namespace cloudmask {

void throw_system_error(const std::string& action, const std::filesystem::path& path, int error_number) {
  std::string message = action + " " + path.string() + ": " + std::generic_category().message(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT) message += "; free space or choose another folder";
  if (error_number == EACCES || error_number == EPERM) message += "; check its permissions or choose another folder";
  if (error_number == EROFS) message += "; choose another folder";
  throw Error(message);
}

}  // namespace cloudmask
