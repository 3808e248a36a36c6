#include "cloudmask/base/log.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

namespace cloudmask {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Log, AReceiverGetsAllMessagesAsTheyAreAndStandardErrorNone) {
  std::vector<std::pair<LogSeverity, std::string>> received;
  set_log_receiver([&](LogSeverity severity, std::string_view message) { received.emplace_back(severity, message); });
  ::testing::internal::CaptureStderr();
  log_detail("detail {}");
  log_info("information");
  log_warning("warning");
  log_error("error");
  set_log_receiver(nullptr);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(received, ElementsAre(Pair(LogSeverity::kDetail, "detail {}"), Pair(LogSeverity::kInfo, "information"),
                                    Pair(LogSeverity::kWarning, "warning"), Pair(LogSeverity::kError, "error")));
}

}  // namespace
}  // namespace cloudmask
