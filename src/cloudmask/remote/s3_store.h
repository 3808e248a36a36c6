#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cloudmask/base/byte_range.h"
#include "cloudmask/remote/http_client.h"
#include "cloudmask/remote/remote_object.h"
#include "cloudmask/remote/store_answers.h"

namespace cloudmask {

struct StoreAddress {
  std::string endpoint;  ///< "https://host", "http://host:port/below"
  std::string bucket;    ///< named in the path, not in the host's name
};

/// What a store tells of an object when it is asked for that one.
struct ObjectDetails {
  RemoteObject object;
  std::map<std::string, std::string> checksums;  ///< "sha256" -> base64, of the whole object only
  bool etag_is_opaque = false;                   ///< encrypted with a key of its own: the ETag is no MD5
};

/// A bucket by the S3 protocol (Amazon S3 API Reference 2006-03-01), read only; one thread at a time. All calls throw
/// StoreFault, which does not name the object, and Interrupted.
class S3Store {
 public:
  S3Store(StoreAddress address, const HttpOptions& options);

  /// The objects whose keys begin with `prefix`, in the order of their keys; `token` is the page before's next_token.
  ListPage list(const std::string& prefix, const std::string& token, std::size_t most_objects);

  ObjectDetails look(const std::string& key);

  /// Hands over the bytes of the range in order. The fault is kChanged when the object is no longer the one listed.
  void read(const RemoteObject& object, ByteRange range, const std::function<void(std::string_view)>& take);

 private:
  std::string url_of(const std::string& key) const;
  HttpResponse send(const HttpRequest& request, BodySink& sink);

  StoreAddress address_;
  HttpClient client_;
};

}  // namespace cloudmask
