#include "cloudmask/base/plain_errors.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <limits>
#include <new>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string message_of(const std::function<void()>& work) {
  try {
    with_plain_errors(work);
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

TEST(PlainErrors, ExhaustedMemoryComesWithARemedyWhoeverNoticesIt) {
  const auto too_much = [] { torch::empty({std::numeric_limits<std::int64_t>::max() / 8}); };
  EXPECT_THAT(message_of(too_much), AllOf(StartsWith("out of memory; set a smaller batch_size"), HasSubstr("tile_px")));
  EXPECT_THAT(message_of([] { throw std::bad_alloc(); }), StartsWith("out of memory; set a smaller batch_size"));
  const auto gpu = [] { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate 2 GiB"); };
  EXPECT_THAT(message_of(gpu), StartsWith("the GPU is out of memory; set a smaller batch_size"));
}

TEST(PlainErrors, LibTorchFaultsAreOneLine) {
  const std::string message = message_of([] { torch::ones({2, 3}).matmul(torch::ones({2, 3})); });
  EXPECT_THAT(message, AllOf(StartsWith("LibTorch: "), Not(HasSubstr("\n")), Not(HasSubstr("memory"))));
}

TEST(PlainErrors, FileSystemFaultsNamePathAndReason) {
  const std::filesystem::path file(std::string(300, 'x'));
  EXPECT_THAT(message_of([&] { std::filesystem::resize_file(file, 1); }),
              AllOf(StartsWith(file.string()), HasSubstr("File name too long"), Not(HasSubstr("report"))));
}

TEST(PlainErrors, ErrorsKeepTheirKind) {
  EXPECT_THROW(with_plain_errors([] { throw Interrupted("stopped"); }), Interrupted);
  EXPECT_THROW(with_plain_errors([] { throw UsageError("wrong"); }), UsageError);
  EXPECT_EQ(with_plain_errors([] { return 7; }), 7);
}

TEST(PlainErrors, AnythingElseAsksToBeReported) {
  EXPECT_EQ(message_of([] { throw std::logic_error("broken\nstack"); }), "unexpected fault, please report it: broken");
}

}  // namespace
}  // namespace cloudmask
