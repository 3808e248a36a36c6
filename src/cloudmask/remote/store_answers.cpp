#include "cloudmask/remote/store_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <pugixml.hpp>

#include "cloudmask/base/error.h"
#include "cloudmask/remote/object_key.h"

namespace cloudmask {
namespace {

std::uint64_t parse_bytes(const std::string& text, const std::string& key) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value);
  // Offsets of files are signed.
  if (text.empty() || fault != std::errc() || stop != end || value > INT64_MAX) {
    throw Error(fmt::format("the list gives object {} the size '{}'", printable(key), printable(text)));
  }
  return value;
}

RemoteObject parse_object(const pugi::xml_node& node, bool encoded) {
  const std::string name = node.child_value("Key");
  RemoteObject object;
  object.key = encoded ? decode_url(name) : name;
  if (object.key.empty()) throw Error("the list has an object without a key");
  object.bytes = parse_bytes(node.child_value("Size"), object.key);
  object.etag = plain_etag(node.child_value("ETag"));
  object.modified_s = parse_iso_time(node.child_value("LastModified"));
  return object;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

ListPage parse_list_page(std::string_view xml) {
  pugi::xml_document document;
  // pugixml expands no entity of a DTD, so that none can grow.
  const pugi::xml_parse_result parsed =
      document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) throw Error(fmt::format("the list is no XML: {} at byte {}", parsed.description(), parsed.offset));
  const pugi::xml_node list = document.child("ListBucketResult");
  if (!list)
    throw Error(fmt::format("the answer is no list of objects but '{}'", printable(document.first_child().name())));
  const bool encoded = std::string_view(list.child_value("EncodingType")) == "url";
  ListPage page;
  for (const pugi::xml_node node : list.children("Contents")) page.objects.push_back(parse_object(node, encoded));
  if (std::string_view(list.child_value("IsTruncated")) == "true") {
    page.next_token = list.child_value("NextContinuationToken");
    if (page.next_token.empty()) throw Error("the list goes on, but does not say where (NextContinuationToken)");
  }
  return page;
}

StoreMessage parse_store_message(std::string_view xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8)) return {};
  const pugi::xml_node error = document.child("Error");
  return {error.child_value("Code"), error.child_value("Message")};
}

std::int64_t parse_iso_time(const std::string& text) {
  std::tm time{};
  int used = 0;
  const int fields = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &time.tm_year, &time.tm_mon, &time.tm_mday,
                                 &time.tm_hour, &time.tm_min, &time.tm_sec, &used);
  if (fields != 6 || used == 0 || text.back() != 'Z') return -1;
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return ::timegm(&time);
}

std::string decode_url(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      decoded.push_back(static_cast<char>(16 * high + low));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

std::string encode_url(std::string_view text, bool keep_slashes) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slashes && c == '/')) {
      encoded.push_back(c);
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string plain_etag(std::string_view text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  // It comes back to the store in a header line.
  const bool fits = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '"'; });
  return fits ? std::string(text) : "";
}

}  // namespace cloudmask
