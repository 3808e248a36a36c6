#pragma once

#include <cpl_error.h>

#include <string>

namespace cloudmask {

/// GDAL prints its errors unless told otherwise; while this lives, this thread's are kept for whoever asks.
class GdalErrors {
 public:
  GdalErrors() {
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
  }
  ~GdalErrors() { CPLPopErrorHandler(); }
  GdalErrors(const GdalErrors&) = delete;
  GdalErrors& operator=(const GdalErrors&) = delete;

  static std::string last() {
    const std::string message = CPLGetLastErrorMsg();
    return message.empty() ? "no reason given" : message;
  }
};

}  // namespace cloudmask
