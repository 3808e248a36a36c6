#include "cloudmask/remote/selection.h"

#include <gmock/gmock.h>

#include <map>

#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Pages by the token that asks for them; each page's next token follows its keys.
struct Page {
  std::vector<std::string> keys;
  std::string next_token;
};

ListPages pages(const std::map<std::string, Page>& by_token, std::size_t* asked = nullptr) {
  return [=](const std::string& token, std::size_t) {
    if (asked != nullptr) ++*asked;
    ListPage page;
    for (const std::string& key : by_token.at(token).keys) {
      page.objects.push_back({.key = key, .bytes = key.ends_with('/') ? 0U : 1U, .etag = ""});
    }
    page.next_token = by_token.at(token).next_token;
    return page;
  };
}

std::vector<std::string> paths(const Selection& selection) {
  std::vector<std::string> all;
  for (const WantedFile& file : selection.files) all.push_back(file.path.string());
  return all;
}

TEST(Selection, GoesThroughAllPagesAndPassesOverFolders) {
  const auto list = pages({{"", {{"p/", "p/a"}, "1"}}, {"1", {{"p/b/", "p/b/c"}, "2"}}, {"2", {{}, ""}}});
  const Selection selection = select_objects(list, "p/", {});
  EXPECT_THAT(paths(selection), ElementsAre("a", "b/c"));
  EXPECT_THAT(selection.refused, IsEmpty());
}

TEST(Selection, ALimitCountsFilesAndEndsTheList) {
  std::size_t asked = 0;
  const auto list = pages({{"", {{"p/../x", "p/a", "p/b", "p/c"}, "1"}}, {"1", {{"p/d"}, ""}}}, &asked);
  const Selection selection = select_objects(list, "p/", 2);
  EXPECT_THAT(paths(selection), ElementsAre("a", "b"));
  EXPECT_EQ(selection.refused.size(), 1U);
  EXPECT_EQ(asked, 1U);
}

TEST(Selection, AFileIsKeptAndWhatLiesBelowItRefused) {
  const Selection selection = select_objects(pages({{"", {{"a", "a-b", "a/b", "a/b/c", "d/e"}, ""}}}), "", {});
  EXPECT_THAT(paths(selection), ElementsAre("a", "a-b", "d/e"));
  ASSERT_EQ(selection.refused.size(), 2U);
  EXPECT_EQ(selection.refused[0].key, "a/b");
  EXPECT_THAT(selection.refused[0].reason, HasSubstr("folder a is an object"));
}

TEST(Selection, ARepeatedKeyIsRefusedAndARepeatedTokenEndsIt) {
  EXPECT_EQ(select_objects(pages({{"", {{"a", "a"}, ""}}}), "", {}).refused.size(), 1U);
  const auto circle = pages({{"", {{"a"}, "1"}}, {"1", {{"b"}, "1"}}});
  EXPECT_THAT(fault_of([&] { select_objects(circle, "", {}); }), HasSubstr("circles"));
}

}  // namespace
}  // namespace cloudmask
