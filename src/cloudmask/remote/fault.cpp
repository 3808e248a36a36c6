#include "cloudmask/remote/fault.h"

namespace cloudmask {

FaultKind kind_of_status(int status, std::string_view code) {
  switch (status) {
    case 401:
    case 403:
      return FaultKind::kDenied;
    case 404:
      return FaultKind::kMissing;
    case 412:  // If-Match does not hold
    case 416:  // the object is shorter than it was
      return FaultKind::kChanged;
    case 408:
    case 425:
    case 429:
      return FaultKind::kTransient;
    case 400:  // a connection that was idle for too long
      return code == "RequestTimeout" ? FaultKind::kTransient : FaultKind::kPermanent;
    case 501:
    case 505:
      return FaultKind::kPermanent;
    default:
      return status >= 500 && status < 600 ? FaultKind::kTransient : FaultKind::kPermanent;
  }
}

}  // namespace cloudmask
