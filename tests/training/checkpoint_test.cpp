#include "cloudmask/training/checkpoint.h"

#include <gmock/gmock.h>

#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;

TEST(Checkpoint, ThatDoesNotSayItsViewIsANadirOne) {
  const TemporaryFolder folder;
  const auto file = folder / "model.h5.checkpoint";
  const auto resume = [&](const std::string& view) { parse_checkpoint(file, read_checkpoint(file), {{"view", view}}); };
  TrainingState state;
  save_checkpoint(file, state);
  EXPECT_NO_THROW(resume("nadir"));
  EXPECT_THAT(fault_of([&] { resume("oblique"); }), HasSubstr("was made with view = nadir, now it is oblique"));
  state.settings = {{"view", "oblique"}};
  save_checkpoint(file, state);
  EXPECT_NO_THROW(resume("oblique"));
  EXPECT_THAT(fault_of([&] { resume("nadir"); }), HasSubstr("was made with view = oblique, now it is nadir"));
}

}  // namespace
}  // namespace cloudmask
