#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/remote/credentials.h"

namespace cloudmask {

struct HttpOptions {
  std::optional<Credentials> credentials;  ///< none: requests are not signed
  std::string region;                      ///< part of the signature
  double timeout_s = 30;                   ///< for a connection, and for a transfer that stalls
  double slowest_bytes_per_s = 1024;       ///< below is a stall
  bool small_buffer = false;               ///< for a bandwidth limit that counts buffers
};

struct HttpRequest {
  bool head = false;  ///< HEAD instead of GET
  std::string url;
  std::vector<std::string> headers;  ///< "name: value"
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string error_body;                      ///< the first 64 KiB of what came with a status other than 2xx
  double retry_after_s = 0;

  /// Empty when it is missing.
  std::string header(const std::string& name) const;
};

/// Takes the body of a 2xx. What it throws ends the transfer and comes out of send().
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual void begin(const HttpResponse& response) = 0;
  virtual void take(std::string_view bytes) = 0;
};

/// One connection at a time, kept for the next request; one thread at a time. Signs with AWS Signature Version 4.
class HttpClient {
 public:
  explicit HttpClient(const HttpOptions& options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Any status is an answer. Throws StoreFault when none comes whole, Interrupted after a signal.
  HttpResponse send(const HttpRequest& request, BodySink& sink);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace cloudmask
