#include "cloudmask/remote/retry.h"

#include <gmock/gmock.h>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/remote/bandwidth_limit.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;

TEST(Faults, OnlyWhatMayPassIsTransient) {
  for (const int status : {408, 429, 500, 502, 503, 504, 599}) {
    EXPECT_EQ(kind_of_status(status, ""), FaultKind::kTransient) << status;
  }
  EXPECT_EQ(kind_of_status(400, "RequestTimeout"), FaultKind::kTransient);
  EXPECT_EQ(kind_of_status(400, "InvalidArgument"), FaultKind::kPermanent);
  for (const int status : {301, 307, 405, 501, 505})
    EXPECT_EQ(kind_of_status(status, ""), FaultKind::kPermanent) << status;
  for (const int status : {401, 403}) EXPECT_EQ(kind_of_status(status, ""), FaultKind::kDenied) << status;
  EXPECT_EQ(kind_of_status(404, "NoSuchKey"), FaultKind::kMissing);
  for (const int status : {412, 416}) EXPECT_EQ(kind_of_status(status, ""), FaultKind::kChanged) << status;
}

TEST(Backoff, DoublesUpToHalfAMinuteAndVaries) {
  Backoff backoff(1);
  double ceiling_s = 0.5;
  for (int i = 0; i < 20; ++i) {
    const double wait_s = backoff.next_s(0);
    EXPECT_GE(wait_s, ceiling_s / 2);
    EXPECT_LE(wait_s, ceiling_s);
    ceiling_s = std::min(30.0, 2 * ceiling_s);
  }
  backoff.reset();
  EXPECT_LE(backoff.next_s(0), 0.5);
  EXPECT_NE(Backoff(2).next_s(0), Backoff(3).next_s(0));
}

TEST(Backoff, HeedsWhatTheStoreAsksWithinReason) {
  EXPECT_DOUBLE_EQ(Backoff(1).next_s(7), 7);
  EXPECT_DOUBLE_EQ(Backoff(1).next_s(1e9), 300);
}

TEST(Retrier, GivesUpAfterSoManyTriesInARow) {
  Retrier retrier("S3A.hdf", 1);
  int asked = 0;
  const auto ask = [&]() -> int {
    ++asked;
    throw StoreFault(FaultKind::kTransient, "HTTP status 500");
  };
  EXPECT_THAT(fault_of([&] { with_retries(retrier, ask); }), HasSubstr("given up after 2 tries"));
  EXPECT_EQ(asked, 2);
}

TEST(Retrier, ProgressMakesTheNextFailureTheFirst) {
  Retrier retrier("S3A.hdf", 1);
  for (int i = 0; i < 3; ++i) {
    retrier.wait_after(StoreFault(FaultKind::kTransient, "cut"));
    retrier.made_progress();
  }
  retrier.wait_after(StoreFault(FaultKind::kTransient, "cut"));
  EXPECT_THROW(retrier.wait_after(StoreFault(FaultKind::kTransient, "cut")), StoreFault);
}

TEST(Retrier, WhatTryingAgainDoesNotMendIsThrownAtOnce) {
  const Stopwatch watch;
  for (const FaultKind kind : {FaultKind::kDenied, FaultKind::kMissing, FaultKind::kChanged, FaultKind::kPermanent}) {
    EXPECT_THROW(Retrier("S3A.hdf", 8).wait_after(StoreFault(kind, "no", 60)), StoreFault);
  }
  EXPECT_LT(watch.elapsed_s(), 0.2);
}

TEST(Retrier, ASignalEndsTheWait) {
  set_interrupt_requested(true);
  const Stopwatch watch;
  EXPECT_THROW(Retrier("S3A.hdf", 8).wait_after(StoreFault(FaultKind::kTransient, "busy", 60)), Interrupted);
  EXPECT_LT(watch.elapsed_s(), 1);
  set_interrupt_requested(false);
}

TEST(BandwidthLimit, HoldsBackWhatComesTooFast) {
  BandwidthLimit limit(1e6);
  const Stopwatch watch;
  for (int i = 0; i < 10; ++i) limit.take(20'000);
  EXPECT_GE(watch.elapsed_s(), 0.19);
  BandwidthLimit none(0);
  none.take(std::size_t{1} << 40U);
  EXPECT_LT(watch.elapsed_s(), 5);
}

}  // namespace
}  // namespace cloudmask
