#include "cloudmask/remote/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <exception>

#include "cloudmask/base/interrupt.h"
#include "cloudmask/remote/fault.h"

namespace cloudmask {
namespace {

constexpr std::size_t kErrorBody_bytes = 1U << 16U;
constexpr long kBuffer_bytes = 1L << 19U;
constexpr std::string_view kSha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr long kSmallBuffer_bytes = 1L << 14U;

/// What the callbacks of one transfer share.
struct Transfer {
  CURL* curl = nullptr;
  BodySink* sink = nullptr;
  HttpResponse response;
  bool begun = false;
  bool told_enough = false;  ///< of what is wrong
  std::exception_ptr thrown;
};

bool succeeded(const HttpResponse& response) { return response.status >= 200 && response.status < 300; }

void read_status(Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
}

void begin_once(Transfer& transfer) {
  if (transfer.begun) return;
  transfer.begun = true;
  read_status(transfer);
  if (succeeded(transfer.response)) transfer.sink->begin(transfer.response);
}

// curl is C: an exception must not pass through it.
std::size_t take_body(char* data, std::size_t, std::size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    begin_once(transfer);
    std::string& error_body = transfer.response.error_body;
    if (succeeded(transfer.response)) {
      transfer.sink->take({data, bytes});
    } else {
      error_body.append(data, std::min(bytes, kErrorBody_bytes - error_body.size()));
      transfer.told_enough = error_body.size() == kErrorBody_bytes;
      if (transfer.told_enough) return CURL_WRITEFUNC_ERROR;  // it may never end
    }
    return bytes;
  } catch (...) {
    transfer.thrown = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

std::size_t take_header(char* data, std::size_t, std::size_t bytes, void* user) {
  auto& response = static_cast<Transfer*>(user)->response;
  const std::string_view line(data, bytes);
  if (line.starts_with("HTTP/")) response.headers.clear();  // after an interim answer
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bytes;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::string_view value = line.substr(colon + 1);
  const std::size_t first = value.find_first_not_of(" \t\r\n");
  const std::size_t last = value.find_last_not_of(" \t\r\n");
  response.headers[name] = first == std::string_view::npos ? "" : std::string(value.substr(first, last - first + 1));
  return bytes;
}

int stop_when_interrupted(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return interrupt_requested() ? 1 : 0;
}

FaultKind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_OUT_OF_MEMORY:
      return FaultKind::kPermanent;
    default:
      return FaultKind::kTransient;
  }
}

struct Headers {
  explicit Headers(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) list = curl_slist_append(list, line.c_str());
  }
  ~Headers() { curl_slist_free_all(list); }
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  curl_slist* list = nullptr;
};

}  // namespace

struct HttpClient::Handle {
  CURL* curl = nullptr;
  std::array<char, CURL_ERROR_SIZE> message{};
  std::vector<std::string> signed_lines;  ///< of every request
};

std::string HttpResponse::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

HttpClient::HttpClient(const HttpOptions& options) : handle_(std::make_unique<Handle>()) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* curl = initialised == CURLE_OK ? curl_easy_init() : nullptr;
  if (curl == nullptr) throw Error("libcurl cannot be initialised");
  handle_->curl = curl;
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, handle_->message.data());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));  // a connection a thread
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "cloudmask");
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, options.small_buffer ? kSmallBuffer_bytes : kBuffer_bytes);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, std::lround(options.timeout_s * 1e3));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, std::max(1L, std::lround(options.timeout_s)));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, std::max(1L, std::lround(options.slowest_bytes_per_s)));
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_when_interrupted);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  if (options.credentials) {
    // Without it the key would go out as a password.
    if (curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, ("aws:amz:" + options.region + ":s3").c_str()) != CURLE_OK) {
      curl_easy_cleanup(curl);
      throw Error("this machine's libcurl cannot sign requests; --anonymous does without credentials");
    }
    curl_easy_setopt(curl, CURLOPT_USERNAME, options.credentials->access_key.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, options.credentials->secret_key.c_str());
    // S3 wants it; libcurl adds it from 8.0 on only.
    handle_->signed_lines.push_back("x-amz-content-sha256: " + std::string(kSha256OfNothing));
    const std::string& token = options.credentials->session_token;
    if (!token.empty()) handle_->signed_lines.push_back("x-amz-security-token: " + token);
  }
}

HttpClient::~HttpClient() { curl_easy_cleanup(handle_->curl); }

HttpResponse HttpClient::send(const HttpRequest& request, BodySink& sink) {
  CURL* curl = handle_->curl;
  std::vector<std::string> lines = request.headers;
  lines.insert(lines.end(), handle_->signed_lines.begin(), handle_->signed_lines.end());
  const Headers headers(lines);
  Transfer transfer;
  transfer.curl = curl;
  transfer.sink = &sink;
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
  if (request.head) {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  handle_->message[0] = '\0';
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  if (code == CURLE_ABORTED_BY_CALLBACK) throw Interrupted("stopped by a signal");
  if (code != CURLE_OK && !transfer.told_enough) {
    const char* reason = handle_->message[0] != '\0' ? handle_->message.data() : curl_easy_strerror(code);
    throw StoreFault(kind_of(code), reason);
  }
  begin_once(transfer);  // an answer without a body
  curl_off_t retry_after_s = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s);
  transfer.response.retry_after_s = static_cast<double>(retry_after_s);
  return transfer.response;
}

}  // namespace cloudmask
