#include "cloudmask/simulation/cloud_optics.h"

#include <gmock/gmock.h>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/simulation/cloud_simulator.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

const fs::path kSource = CLOUDMASK_SOURCE_DIR;

class CloudOpticsFile : public ::testing::Test {
 protected:
  // What reading the built-in table says after `from` became `to`.
  std::string fault_after(const std::string& from, const std::string& to) {
    std::string text = read_file(kSource / "config/cloud_optics.yaml");
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    write_file_atomically(file_, text.replace(at, from.size(), to));
    return fault_of([&] { read_cloud_optics(file_); });
  }

  TemporaryFolder folder_;
  fs::path file_ = folder_ / "optics.yaml";
};

TEST_F(CloudOpticsFile, TheOneInTheFolderIsTheOneBuiltIn) {
  const CloudOptics built_in = default_cloud_optics();
  const CloudOptics read = read_cloud_optics(kSource / "config/cloud_optics.yaml");
  EXPECT_EQ(read.source, built_in.source);
  for (std::size_t i = 0; i < kOptics; ++i) {
    EXPECT_EQ(read.droplets[i].low, built_in.droplets[i].low);
    EXPECT_EQ(read.crystals[i].high, built_in.crystals[i].high);
  }
  const auto emissivity = static_cast<std::size_t>(Optic::kEmissivityS7);
  EXPECT_LT(built_in.droplets[emissivity].high, built_in.crystals[emissivity].high);
}

TEST_F(CloudOpticsFile, FaultsNameFileParticlesAndKey) {
  EXPECT_THAT(fault_after("crystals:", "crystal:"), AllOf(HasSubstr("optics.yaml"), HasSubstr("crystals")));
  EXPECT_THAT(fault_after("white_s4: [0, 0.04]", "white_s7: [0, 0.04]"),
              AllOf(HasSubstr("droplets"), HasSubstr("white_s4"), HasSubstr("[lowest, highest]")));
  for (const char* wrong : {"[0.3, 0]", "[-1, 0]", "[0, 3]", "[0, .nan]", "[0]", "0", "[0, a]"}) {
    EXPECT_THAT(fault_after("white_s4: [0, 0.04]", std::string("white_s4: ") + wrong), HasSubstr("white_s4")) << wrong;
  }
  EXPECT_THAT(fault_after("droplets:", "droplets: [}"), HasSubstr("no YAML"));
}

TEST_F(CloudOpticsFile, CloudsAreOfTheOpticsGiven) {
  constexpr int kSize_px = 64;
  constexpr std::size_t kPixels = std::size_t{kSize_px} * kSize_px;
  const CloudSimulator grey(3, read_cloud_optics(kSource / "bench/grey_clouds.yaml"));
  float thickest = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<float> channels;
    for (std::size_t i = 0; i < kPixels; ++i) {
      channels.insert(channels.end(), {0, 0, 0, 0, 0, 0, 290, 290, 290});  // black-body sea by night
    }
    std::vector<float> cloud_probability(kPixels, 0.02F);
    const auto depth = grey.paste({kSize_px, channels.data(), cloud_probability.data()}, seed);
    for (std::size_t i = 0; i < kPixels; ++i) {
      if (!(depth[i] > 0)) continue;
      thickest = std::max(thickest, depth[i]);
      ASSERT_NEAR(channels[i * 9 + 7], channels[i * 9 + 8], 3) << "10.85 and 12.0 um absorb alike";
      ASSERT_GE(channels[i * 9 + 6], channels[i * 9 + 7] - 0.01F) << "nothing is darker at 3.74 um";
    }
  }
  EXPECT_GT(thickest, 20);
}

}  // namespace
}  // namespace cloudmask
