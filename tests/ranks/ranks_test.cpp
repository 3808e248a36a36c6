// Run by mpirun in several processes: every test runs in all of them.
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <span>

#include "cloudmask/parallel/agreement.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/parallel/launch_check.h"
#include "cloudmask/parallel/mpi/bf16.h"
#include "cloudmask/parallel/placement.h"
#include "cloudmask/training/gradient_sum.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

std::unique_ptr<Communicator> ranks;

class RanksTest : public ::testing::Test {
 protected:
  const int rank_ = ranks->rank();
  const int size_ = ranks->size();
  const int last_ = size_ - 1;
};

template <typename Kind>
std::string message_on_all(const std::function<void()>& work) {
  try {
    work();
  } catch (const OnAllRanks<Kind>& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST_F(RanksTest, AreThoseThatTheLauncherStarted) {
  EXPECT_TRUE(started_by_launcher());
  EXPECT_GT(size_, 1);
  EXPECT_EQ(ranks->nodes(), 1);
  EXPECT_EQ(ranks->local_size(), size_);
  EXPECT_EQ(ranks->local_rank(), rank_);
}

TEST_F(RanksTest, SumsAndMaximaAreOverAll) {
  std::vector<float> many(100'000, static_cast<float>(rank_ + 1));
  std::vector<float> few = {static_cast<float>(rank_)};
  auto first = ranks->start_sum(many, GradientPrecision::kFp32);
  auto second = ranks->start_sum(few, GradientPrecision::kFp32);  // fewer values than ranks
  second.get();
  first.get();
  EXPECT_EQ(many.front(), static_cast<float>(size_ * (size_ + 1) / 2));
  EXPECT_EQ(many.back(), many.front());
  EXPECT_EQ(few[0], static_cast<float>(size_ * last_ / 2));
  std::vector<double> values = {static_cast<double>(rank_), static_cast<double>(-rank_)};
  ranks->all_reduce_max(values);
  EXPECT_EQ(values, (std::vector<double>{static_cast<double>(last_), 0}));
  ranks->all_reduce_sum(values);
  EXPECT_EQ(values[0], last_ * size_);
}

float random_value(int rank, std::size_t i) {
  const double phase = static_cast<double>(i) * 0.7 + rank * 1.3;
  return static_cast<float>(std::sin(phase) * std::pow(10.0, 3 * std::sin(0.01 * static_cast<double>(i))));
}

std::string as_bytes(std::span<const float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

TEST_F(RanksTest, SumsThatAreSentAsBf16StayWithinTheirBoundAndAreTheSameBitsOnAll) {
  constexpr double kRounding = 1.0 / 256;
  for (const std::size_t count : {1U, 5U, 100'003U}) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = random_value(rank_, i);
    ranks->start_sum(values, GradientPrecision::kBf16).get();
    for (std::size_t i = 0; i < count; ++i) {
      double sum = 0;
      double absolute = 0;
      for (int rank = 0; rank < size_; ++rank) {
        sum += random_value(rank, i);
        absolute += std::abs(random_value(rank, i));
      }
      ASSERT_NEAR(values[i], sum, kRounding * (absolute + std::abs(sum)) * 1.01) << i;
    }
    EXPECT_THAT(ranks->gather(as_bytes(values)), Each(as_bytes(values)));
  }
}

TEST_F(RanksTest, SumsThatAreSentAsBf16KeepWhatIsNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> values = {1.0F, rank_ == last_ ? NAN : 1.0F, rank_ == 0 ? kInfinity : 1.0F};
  ranks->start_sum(values, GradientPrecision::kBf16).get();
  EXPECT_EQ(values[0], static_cast<float>(size_));
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(values[2], kInfinity);
}

TEST(Bf16, RoundsAsLibTorchDoes) {
  std::vector<float> values;
  for (std::uint32_t upper = 0; upper < 0x10000; upper += 7) {
    for (const std::uint32_t lower : {0U, 1U, 0x7fffU, 0x8000U, 0x8001U, 0xffffU}) {
      values.push_back(std::bit_cast<float>(upper << 16 | lower));
    }
  }
  for (const float value : values) {
    const float rounded = from_bf16(to_bf16(value));
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(rounded));
    } else {
      ASSERT_EQ(rounded, static_cast<float>(c10::BFloat16(value))) << value;
    }
  }
}

TEST_F(RanksTest, TextsGoFromOneToAllAndFromAllToAll) {
  std::string bytes = rank_ == 0 ? std::string(3'000'000, 'x') + '\0' : "something else";
  ranks->broadcast(bytes);
  EXPECT_EQ(bytes.size(), 3'000'001U);
  const auto texts = ranks->gather(std::string(static_cast<std::size_t>(rank_), 'a'));
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(size_));
  EXPECT_EQ(texts.back(), std::string(static_cast<std::size_t>(last_), 'a'));
}

// Which go in several parts, of which the short ones have few.
TEST_F(RanksTest, LongTextsOfAllComeWhole) {
  const auto text_of = [](int rank) {
    std::string text(static_cast<std::size_t>(rank) * 9'000'001, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 253);
    return text;
  };
  const auto texts = ranks->gather(text_of(rank_));
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(size_));
  for (int rank = 0; rank < size_; ++rank) EXPECT_TRUE(texts[static_cast<std::size_t>(rank)] == text_of(rank)) << rank;
}

TEST_F(RanksTest, FirstHearsWhatAnyRankTells) {
  const auto text_of = [](int rank) { return std::string(static_cast<std::size_t>(rank) * 100'000 + 1, 'a'); };
  ranks->tell_first(text_of(rank_));
  std::vector<std::string> texts = ranks->told();
  while (rank_ == 0 && texts.size() < static_cast<std::size_t>(size_)) {
    for (std::string& text : ranks->told()) texts.push_back(std::move(text));
  }
  std::vector<std::string> expected;
  for (int rank = 0; rank_ == 0 && rank < size_; ++rank) expected.push_back(text_of(rank));
  EXPECT_THAT(texts, UnorderedElementsAreArray(expected));
}

TEST_F(RanksTest, WhatOneThrowsAllThrowWithItsName) {
  const auto fail_on_last = [&] {
    if (rank_ == last_) throw Error("disk full");
  };
  EXPECT_THAT(message_on_all<Error>([&] { do_on_all(*ranks, fail_on_last); }),
              AllOf(HasSubstr("rank " + std::to_string(last_) + " on "), HasSubstr("disk full")));
  EXPECT_THAT(message_on_all<UsageError>([&] { do_on_first(*ranks, [] { throw UsageError("no such key"); }); }),
              HasSubstr("rank 0 on "));
  EXPECT_NO_THROW(do_on_first(*ranks, [&] { EXPECT_EQ(rank_, 0); }));
}

TEST_F(RanksTest, AllDoWithoutWhatOneCannot) {
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(try_on_all(*ranks, "it is slower", [] {}));
  EXPECT_FALSE(try_on_all(*ranks, "it is slower", [&] {
    if (rank_ == last_) throw std::runtime_error("no device");
  }));
  const std::string said = ::testing::internal::GetCapturedStderr();
  if (rank_ != 0) {
    EXPECT_EQ(said, "");
  } else {
    EXPECT_THAT(said, HasSubstr("it is slower: rank " + std::to_string(last_) + " on "));
    EXPECT_THAT(said, HasSubstr("no device"));
  }
  EXPECT_THROW(try_on_all(*ranks, "it is slower", [] { throw Interrupted("by a signal"); }), Interrupted);
}

TEST_F(RanksTest, AllStopWhenOneWasAskedTo) {
  EXPECT_FALSE(agree_to_stop(*ranks, nullptr, false));
  EXPECT_TRUE(agree_to_stop(*ranks, nullptr, rank_ == last_));
  const auto stopped = rank_ == last_ ? std::make_exception_ptr(Interrupted("by a signal")) : nullptr;
  EXPECT_TRUE(agree_to_stop(*ranks, stopped, false));
}

// Weights of several sizes; the last rank has nothing to compute.
TEST_F(RanksTest, GradientsAreSummedInBucketsOfAnySize) {
  for (const std::size_t bucket_bytes : {1, 100, 1'000'000}) {
    std::vector<torch::Tensor> weights;
    for (const int count : {3, 50, 7, 20}) weights.push_back(torch::ones({count}, torch::requires_grad()));
    GradientSum sum(weights, *ranks, GradientPrecision::kFp32, bucket_bytes);
    for (int step = 1; step < 3; ++step) {
      if (rank_ != last_) {
        torch::Tensor loss = torch::zeros({});
        for (std::size_t i = 0; i < weights.size(); ++i) {
          loss = loss + (weights[i] * weights[i]).sum() * static_cast<double>(step * (rank_ + 1)) * (i + 1.0);
        }
        sum.listen(false);
        (loss * 0.25).backward({}, /*retain_graph=*/true);
        sum.listen(true);
        (loss * 0.75).backward();
      }
      sum.finish();
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const double expected = 2.0 * step * static_cast<double>(i + 1) * (last_ * size_ / 2.0);
        EXPECT_TRUE(torch::equal(weights[i].grad(), torch::full_like(weights[i], expected))) << bucket_bytes;
        weights[i].mutable_grad().reset();
      }
    }
  }
}

TEST_F(RanksTest, RanksOfDifferentConfigurationsAreRefused) {
  Config config;
  EXPECT_NO_THROW(require_one_job(config, "cpu", *ranks));
  config.training.epochs = rank_ == last_ ? 5 : 3;
  EXPECT_THAT(message_on_all<UsageError>([&] { require_one_job(config, "cpu", *ranks); }),
              AllOf(HasSubstr("rank " + std::to_string(last_)), HasSubstr("'epochs: 5', rank 0 has 'epochs: 3'")));
  config = {};
  config.training.gradient_precision = rank_ == last_ ? GradientPrecision::kBf16 : GradientPrecision::kFp32;
  EXPECT_THAT(message_on_all<UsageError>([&] { require_one_job(config, "cpu", *ranks); }),
              HasSubstr("'gradient_precision: bf16', rank 0 has 'gradient_precision: fp32'"));
  config = {};
  EXPECT_THAT(message_on_all<UsageError>([&] { require_one_job(config, rank_ == 0 ? "gpu" : "cpu", *ranks); }),
              HasSubstr("device in use"));
  config.machine.gpu = 1;
  EXPECT_THAT(message_on_all<UsageError>([&] { require_one_job(config, "cpu", *ranks); }),
              HasSubstr("gpu: 1 is configured, but " + std::to_string(size_) + " processes run on"));
  config.machine.gpu = 0;
  config.machine.nodes = 7;
  EXPECT_THAT(message_on_all<UsageError>([&] { require_one_job(config, "cpu", *ranks); }),
              HasSubstr("nodes: 7 is configured, but the processes run on 1 machines"));
}

TEST_F(RanksTest, OneProcessAGpu) {
  MachineOptions machine;
  machine.threads = 1;
  EXPECT_EQ(own_place(machine, size_, *ranks).device, "cuda:" + std::to_string(rank_));
  EXPECT_EQ(own_place(machine, 0, *ranks).device, "auto");
  EXPECT_THAT(message_on_all<UsageError>([&] { own_place(machine, size_ - 1, *ranks); }),
              HasSubstr("one process a GPU"));
}

}  // namespace
}  // namespace cloudmask

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  cloudmask::ranks = cloudmask::join_ranks();
  const int code = RUN_ALL_TESTS();
  cloudmask::ranks.reset();
  return code;
}
