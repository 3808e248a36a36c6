#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/remote/remote_object.h"

namespace cloudmask {

/// One page of an S3 ListObjectsV2.
struct ListPage {
  std::vector<RemoteObject> objects;
  std::string next_token;  ///< asks for the next page; empty: this is the last
};

/// Throws Error, which says what is wrong, for anything but a ListBucketResult: a list that is only partly understood
/// would silently leave files out.
ListPage parse_list_page(std::string_view xml);

/// What a store writes with a failure.
struct StoreMessage {
  std::string code;
  std::string text;
};

/// Empty members for what is no S3 error document: proxies answer in HTML.
StoreMessage parse_store_message(std::string_view xml);

/// Seconds since 1970 of "2017-03-13T11:03:43.000Z"; -1 for anything else.
std::int64_t parse_iso_time(const std::string& text);

/// "%2B" -> "+", "+" -> " ": as keys come with encoding-type=url. What is no valid escape stays.
std::string decode_url(std::string_view text);

/// RFC 3986 escapes of all but letters, digits and -._~ (and '/' when `keep_slashes`).
std::string encode_url(std::string_view text, bool keep_slashes);

/// Without the quotes and the W/ of a weak one; empty for what is no entity tag of RFC 9110.
std::string plain_etag(std::string_view text);

}  // namespace cloudmask
