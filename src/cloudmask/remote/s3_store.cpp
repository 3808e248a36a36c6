#include "cloudmask/remote/s3_store.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "cloudmask/remote/fault.h"
#include "cloudmask/remote/object_key.h"

namespace cloudmask {
namespace {

/// A page of a thousand keys of 1 KiB has a third of it.
constexpr std::size_t kLongestList_bytes = 16U << 20U;

class TextSink final : public BodySink {
 public:
  void begin(const HttpResponse&) override {}
  void take(std::string_view bytes) override {
    if (text.size() + bytes.size() > kLongestList_bytes) {
      throw StoreFault(FaultKind::kPermanent, "the answer is longer than any list; is this an S3 store?");
    }
    text += bytes;
  }
  std::string text;
};

/// Lets through exactly the range that was asked for, of exactly that object.
class RangeSink final : public BodySink {
 public:
  RangeSink(const RemoteObject& object, ByteRange range, const std::function<void(std::string_view)>& take)
      : object_(object), range_(range), left_bytes_(range.bytes), take_(take) {}

  void begin(const HttpResponse& response) override {
    const std::string etag = plain_etag(response.header("etag"));
    if (!etag.empty() && !object_.etag.empty() && etag != object_.etag) {
      throw StoreFault(FaultKind::kChanged, "the object has changed since it was listed");
    }
    // Some stores send parts with status 200: the header tells, not the status.
    const std::string got = response.header("content-range");
    const std::string wanted =
        fmt::format("bytes {}-{}/{}", range_.offset, range_.offset + range_.bytes - 1, object_.bytes);
    if (got.empty() && range_.bytes < object_.bytes) {
      throw StoreFault(FaultKind::kPermanent, "the store sends the whole object where a part was asked for");
    }
    if (!got.empty() && got != wanted) {
      throw StoreFault(FaultKind::kTransient,
                       fmt::format("the store sends '{}', asked was '{}'", printable(got), wanted));
    }
    const std::string length = response.header("content-length");
    if (!length.empty() && length != std::to_string(range_.bytes)) {
      throw StoreFault(FaultKind::kTransient,
                       fmt::format("the store sends {} bytes, wanted {}", printable(length), range_.bytes));
    }
  }

  void take(std::string_view bytes) override {
    if (bytes.size() > left_bytes_) throw StoreFault(FaultKind::kTransient, "the store sends more than was asked for");
    left_bytes_ -= bytes.size();
    take_(bytes);
  }

  std::uint64_t left_bytes() const { return left_bytes_; }

 private:
  const RemoteObject& object_;
  ByteRange range_;
  std::uint64_t left_bytes_;
  const std::function<void(std::string_view)>& take_;
};

std::string describe_failure(const HttpResponse& response, const StoreMessage& message) {
  std::string text = fmt::format("HTTP status {}", response.status);
  if (!message.code.empty()) text += " " + printable(message.code);
  if (!message.text.empty()) text += " (" + printable(message.text.substr(0, 200)) + ")";
  return text;
}

std::string remedy(int status, const StoreMessage& message) {
  if (message.code == "RequestTimeTooSkewed") return "; set this machine's clock";
  if (message.code == "NoSuchBucket") return "; check --bucket and --endpoint";
  if (message.code == "SignatureDoesNotMatch" || message.code == "InvalidAccessKeyId") {
    return "; check the credentials, or try --anonymous";
  }
  if (status == 301 || status == 307) return "; the bucket is elsewhere: set AWS_REGION and --endpoint to its region";
  if (status == 401 || status == 403) return "; it needs (other) credentials, or is not public";
  return "";
}

}  // namespace

S3Store::S3Store(StoreAddress address, const HttpOptions& options) : address_(std::move(address)), client_(options) {}

std::string S3Store::url_of(const std::string& key) const {
  return fmt::format("{}/{}{}{}", address_.endpoint, encode_url(address_.bucket, false), key.empty() ? "" : "/",
                     encode_url(key, true));
}

HttpResponse S3Store::send(const HttpRequest& request, BodySink& sink) {
  HttpResponse response = client_.send(request, sink);
  if (response.status >= 200 && response.status < 300) return response;
  const StoreMessage message = parse_store_message(response.error_body);
  throw StoreFault(kind_of_status(response.status, message.code),
                   describe_failure(response, message) + remedy(response.status, message), response.retry_after_s);
}

ListPage S3Store::list(const std::string& prefix, const std::string& token, std::size_t most_objects) {
  // In the order of their names, which is how they are signed.
  std::string query = "?";
  if (!token.empty()) query += "continuation-token=" + encode_url(token, false) + "&";
  query += fmt::format("encoding-type=url&list-type=2&max-keys={}&prefix={}", most_objects, encode_url(prefix, false));
  TextSink sink;
  send({.url = url_of("") + query, .headers = {}}, sink);
  try {
    return parse_list_page(sink.text);
  } catch (const Error& error) {
    throw StoreFault(FaultKind::kPermanent, std::string(error.what()) + "; is this an S3 store?");
  }
}

ObjectDetails S3Store::look(const std::string& key) {
  TextSink nothing;
  const HttpResponse response =
      send({.head = true, .url = url_of(key), .headers = {"x-amz-checksum-mode: ENABLED"}}, nothing);
  ObjectDetails details;
  details.object.key = key;
  details.object.etag = plain_etag(response.header("etag"));
  const std::string length = response.header("content-length");
  const auto [end, fault] = std::from_chars(length.data(), length.data() + length.size(), details.object.bytes);
  if (fault != std::errc() || details.object.bytes > INT64_MAX)
    throw StoreFault(FaultKind::kPermanent, "the store does not tell its size");
  details.object.modified_s = curl_getdate(response.header("last-modified").c_str(), nullptr);
  const std::string encryption = response.header("x-amz-server-side-encryption");
  details.etag_is_opaque =
      encryption.starts_with("aws:kms") || !response.header("x-amz-server-side-encryption-customer-algorithm").empty();
  for (const char* name : {"sha256", "sha1", "crc64nvme", "crc32c", "crc32"}) {
    const std::string value = response.header(std::string("x-amz-checksum-") + name);
    // "value-N": over the checksums of N parts
    if (!value.empty() && value.find('-') == std::string::npos) details.checksums[name] = value;
  }
  return details;
}

void S3Store::read(const RemoteObject& object, ByteRange range, const std::function<void(std::string_view)>& take) {
  HttpRequest request{.url = url_of(object.key), .headers = {}};
  if (!object.etag.empty()) request.headers.push_back("If-Match: \"" + object.etag + "\"");
  if (range.offset > 0 || range.bytes < object.bytes) {
    request.headers.push_back(fmt::format("Range: bytes={}-{}", range.offset, range.offset + range.bytes - 1));
  }
  RangeSink sink(object, range, take);
  send(request, sink);
  if (sink.left_bytes() > 0) {
    throw StoreFault(FaultKind::kTransient, fmt::format("the store ended {} bytes early", sink.left_bytes()));
  }
}

}  // namespace cloudmask
