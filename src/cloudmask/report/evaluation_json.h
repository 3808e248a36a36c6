#pragma once

#include "cloudmask/report/evaluation.h"
#include "cloudmask/report/record_json.h"

namespace cloudmask {

/// The object that evaluation_json() writes.
Json to_json(const Evaluation& evaluation);

}  // namespace cloudmask
