#include "cloudmask/app/exit_code.h"

#include <exception>
#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/plain_errors.h"

namespace cloudmask {
namespace {

enum ExitCode { kFailed = 1, kWrongUsage = 2, kInterrupted = 130 };

int fail(ExitCode code, const std::string& message) {
  log_error(message.substr(0, message.find('\n')));  // libraries add call stacks
  return code;
}

}  // namespace

int exit_code_of(const std::function<int()>& work) {
  try {
    return work();
  } catch (const UsageError& error) {
    return fail(kWrongUsage, error.what());
  } catch (const Interrupted& error) {
    return fail(kInterrupted, error.what());
  } catch (const Error& error) {
    return fail(kFailed, error.what());
  } catch (const std::exception& error) {
    return fail(kFailed, plain_message(error));
  }
}

}  // namespace cloudmask
