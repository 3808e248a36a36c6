#pragma once

#include <functional>

namespace cloudmask {

/// What a program ends with: what `work` returns; when it throws, which the log tells, 1 for work that failed, 2 for
/// wrong usage, 130 for an interruption.
int exit_code_of(const std::function<int()>& work);

}  // namespace cloudmask
