#include "cloudmask/remote/store_answers.h"

#include <gmock/gmock.h>

#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string list_of(const std::string& inside) {
  return "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + inside +
         "</ListBucketResult>";
}

std::string object(const std::string& key, const std::string& size = "7") {
  return "<Contents><Key>" + key +
         "</Key><LastModified>2017-03-13T11:03:43.000Z</LastModified><ETag>&quot;0cc1&quot;"
         "</ETag><Size>" +
         size + "</Size></Contents>";
}

TEST(StoreAnswers, AListHasKeysSizesTagsAndTimes) {
  const ListPage page =
      parse_list_page(list_of(object("a/b.hdf") + object("c") +
                              "<IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken>"));
  ASSERT_EQ(page.objects.size(), 2U);
  EXPECT_EQ(page.objects[0].key, "a/b.hdf");
  EXPECT_EQ(page.objects[0].bytes, 7U);
  EXPECT_EQ(page.objects[0].etag, "0cc1");
  EXPECT_EQ(page.objects[0].modified_s, 1489403023);
  EXPECT_EQ(page.next_token, "t+/=");
  EXPECT_THAT(parse_list_page(list_of("<IsTruncated>false</IsTruncated>")).next_token, IsEmpty());
}

TEST(StoreAnswers, KeysAreDecodedOnlyWhenTheStoreSaysSo) {
  EXPECT_EQ(parse_list_page(list_of("<EncodingType>url</EncodingType>" + object("a+%2B%0A%C3%BC"))).objects[0].key,
            "a +\n\xC3\xBC");
  EXPECT_EQ(parse_list_page(list_of(object("a+%2B"))).objects[0].key, "a+%2B");
  EXPECT_EQ(decode_url("100%"), "100%");
  EXPECT_EQ(decode_url("%zz%4"), "%zz%4");
}

TEST(StoreAnswers, WhatIsNoListIsAnErrorAndNotAnEmptyList) {
  EXPECT_THAT(fault_of([] { parse_list_page("not XML <"); }), HasSubstr("no XML"));
  EXPECT_THAT(fault_of([] { parse_list_page(""); }), HasSubstr("no XML"));
  EXPECT_THAT(fault_of([] { parse_list_page("<html><body>Sign in</body></html>"); }), HasSubstr("'html'"));
  EXPECT_THAT(fault_of([] { parse_list_page(list_of(object("a")).substr(0, 150)); }), HasSubstr("no XML"));
  EXPECT_THAT(fault_of([] { parse_list_page(list_of("<IsTruncated>true</IsTruncated>")); }), HasSubstr("goes on"));
}

TEST(StoreAnswers, SizesThatAreNoneAreNamedWithTheirKey) {
  for (const char* size : {"", "-1", "7x", "99999999999999999999", "9223372036854775808", "1e3"}) {
    EXPECT_THAT(fault_of([&] { parse_list_page(list_of(object("a.hdf", size))); }), HasSubstr("a.hdf")) << size;
  }
  EXPECT_THAT(fault_of([] { parse_list_page(list_of(object(""))); }), HasSubstr("without a key"));
}

TEST(StoreAnswers, EntitiesOfADocumentTypeStayWhatTheyAre) {
  const std::string bomb =
      "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY f SYSTEM "
      "\"file:///etc/passwd\">]>";
  const std::string xml = bomb + "<ListBucketResult>" + object("&b;") + object("&f;") + "</ListBucketResult>";
  const ListPage page = parse_list_page(xml);
  EXPECT_EQ(page.objects.at(0).key, "&b;");
  EXPECT_EQ(page.objects.at(1).key, "&f;");
}

TEST(StoreAnswers, DeepNestingDoesNoHarm) {
  std::string xml;
  for (int i = 0; i < 100'000; ++i) xml += "<a>";
  EXPECT_THAT(fault_of([&] { parse_list_page(xml); }), HasSubstr("no XML"));
}

TEST(StoreAnswers, ErrorsHaveACodeOrNothing) {
  const StoreMessage message = parse_store_message("<Error><Code>SlowDown</Code><Message>later</Message></Error>");
  EXPECT_EQ(message.code, "SlowDown");
  EXPECT_EQ(message.text, "later");
  EXPECT_THAT(parse_store_message("<html>502</html>").code, IsEmpty());
  EXPECT_THAT(parse_store_message("").code, IsEmpty());
}

TEST(StoreAnswers, TimesThatAreNoneAreUnknown) {
  EXPECT_EQ(parse_iso_time("1970-01-02T00:00:00Z"), 86400);
  for (const char* text : {"", "yesterday", "2017-03-13", "2017-03-13T11:03:43+01:00"})
    EXPECT_EQ(parse_iso_time(text), -1);
}

TEST(StoreAnswers, UrlsEscapeAllThatIsReserved) {
  EXPECT_EQ(encode_url("a b+c/\xC3\xBC?~", true), "a%20b%2Bc/%C3%BC%3F~");
  EXPECT_EQ(encode_url("a/b", false), "a%2Fb");
}

TEST(StoreAnswers, TagsThatWouldBreakAHeaderLineCountAsNone) {
  EXPECT_EQ(plain_etag("\"0cc1\""), "0cc1");
  EXPECT_EQ(plain_etag("W/\"0cc1\""), "0cc1");
  EXPECT_EQ(plain_etag("0cc1"), "0cc1");
  EXPECT_THAT(plain_etag("\"a\r\nHost: b\""), IsEmpty());
}

}  // namespace
}  // namespace cloudmask
