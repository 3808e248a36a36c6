#include "cloudmask/parallel/mpirun_messages.h"

#include <gmock/gmock.h>

namespace cloudmask {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kFrame(74, '-');

std::string block(const std::string& text) { return kFrame + "\n" + text + "\n" + kFrame + "\n"; }

TEST(MpirunMessages, WhatRanksSayIsShownLineByLine) {
  MpirunMessages messages;
  EXPECT_EQ(messages.add("epoch 1\nepo"), "epoch 1\n");
  EXPECT_EQ(messages.add("ch 2\n"), "epoch 2\n");
  EXPECT_EQ(messages.add("the end"), "");
  EXPECT_EQ(messages.rest(), "the end");
  EXPECT_EQ(messages.fault(), "");
}

TEST(MpirunMessages, ARankThatWasKilledIsNamed) {
  MpirunMessages messages;
  const std::string said =
      block("Primary job  terminated normally, but 1 process returned\na non-zero exit code.") +
      block("mpirun noticed that process rank 3 with PID 0 on node n07 exited on signal 9 (Killed).");
  EXPECT_EQ(messages.add(said), "");
  EXPECT_THAT(messages.fault(), StartsWith("rank 3 on n07 was ended by signal 9 (Killed); --resume"));
}

TEST(MpirunMessages, LinesThatTellNothingAreLeftOut) {
  MpirunMessages messages;
  EXPECT_EQ(messages.add("mpirun: Forwarding signal 10 to job\n"), "");
  EXPECT_EQ(messages.add("[n07:123] 2 more processes have sent help message help-mpi-api.txt / mpi-abort\n"), "");
  EXPECT_EQ(messages.add("[n07:123] Set MCA parameter \"orte_base_help_aggregate\" to 0 to see all\n"), "");
  EXPECT_EQ(messages.add("[n07:123] Read -1, expected 31284, errno = 3\n"), "");
  EXPECT_EQ(messages.add("[n07:123] Signal: Segmentation fault (11)\n"), "[n07:123] Signal: Segmentation fault (11)\n");
}

TEST(MpirunMessages, WhatARankSaysInTheMiddleOfABlockIsShownAtOnce) {
  MpirunMessages messages;
  EXPECT_EQ(messages.add(kFrame + "\nMPI_ABORT was invoked on rank 0\ncloudmask: disk full\n"),
            "cloudmask: disk full\n");
  EXPECT_EQ(messages.add("with errorcode 1.\n" + kFrame + "\n"), "");
  EXPECT_EQ(messages.rest(), "");
}

TEST(MpirunMessages, OtherWordsOfMpirunAreShown) {
  MpirunMessages messages;
  EXPECT_THAT(messages.add(block("There are not enough slots available")), HasSubstr("not enough slots"));
}

}  // namespace
}  // namespace cloudmask
