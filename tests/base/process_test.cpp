#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/log.h"

namespace cloudmask {
namespace {

TEST(InterruptDeathTest, FirstSignalAsksAndSecondEnds) {
  EXPECT_EXIT(
      {
        install_interrupt_handlers();
        std::raise(SIGINT);
        if (!interrupt_requested()) std::_Exit(1);
        std::raise(SIGINT);
        std::_Exit(2);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

TEST(InterruptDeathTest, TerminationSignalOnlyAsks) {
  EXPECT_EXIT(
      {
        install_interrupt_handlers();
        std::raise(SIGTERM);
        std::raise(SIGTERM);
        std::_Exit(interrupt_requested() ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(Interrupt, FlagCanBeSetAndClearedByHand) {
  set_interrupt_requested(true);
  EXPECT_TRUE(interrupt_requested());
  set_interrupt_requested(false);
  EXPECT_FALSE(interrupt_requested());
}

TEST(CheckDeathTest, BrokenCheckNamesConditionAndPlace) {
  EXPECT_DEATH(CM_CHECK(1 + 1 == 3), "1 \\+ 1 == 3 does not hold \\(.*process_test.cpp:[0-9]+\\)");
}

std::string messages_at(LogLevel level) {
  set_log_level(level);
  ::testing::internal::CaptureStderr();
  log_detail("detail {}");
  log_info("info {0}");
  log_warning("disk is nearly full");
  log_error("scene is broken");
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, LevelDecidesWhatIsShownInPlainLines) {
  const std::string grave = "cloudmask: warning: disk is nearly full\ncloudmask: scene is broken\n";
  EXPECT_EQ(messages_at(LogLevel::kQuiet), grave);
  EXPECT_EQ(messages_at(LogLevel::kNormal), "info {0}\n" + grave);
  EXPECT_EQ(messages_at(LogLevel::kVerbose), "detail {}\ninfo {0}\n" + grave);
}

}  // namespace
}  // namespace cloudmask
