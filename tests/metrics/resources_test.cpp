#include "cloudmask/metrics/resources.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

class ResourcesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / (std::string("resources_") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    places_ = {folder_ / "meminfo", folder_ / "cgroup", folder_ / "sys"};
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& relative, const std::string& text) {
    fs::create_directories((folder_ / relative).parent_path());
    std::ofstream(folder_ / relative) << text;
  }

  fs::path folder_;
  MemoryPlaces places_;
};

TEST_F(ResourcesTest, PeakMemoryCountsWhatWasTouched) {
  EXPECT_GT(peak_memory_bytes(), 1 << 20);
  EXPECT_LT(peak_memory_bytes(), std::int64_t{1} << 40);
}

TEST_F(ResourcesTest, WithoutAGroupTheMachineDecides) {
  write("meminfo", "MemTotal:       2000 kB\nMemFree:  10 kB\nMemAvailable:    1000 kB\n");
  EXPECT_EQ(available_memory_bytes(places_), 1000 * 1024);
}

TEST_F(ResourcesTest, ATighterGroupLimitDecides) {
  write("meminfo", "MemAvailable: 1000000 kB\n");
  write("cgroup", "0::/job/step\n");
  write("sys/job/memory.max", "5000000\n");
  write("sys/job/memory.current", "2000000\n");
  write("sys/job/memory.stat", "anon 1\ninactive_file 500000\n");
  write("sys/job/step/memory.max", "max\n");
  write("sys/job/step/memory.current", "1000\n");
  EXPECT_EQ(available_memory_bytes(places_), 3500000);
}

TEST_F(ResourcesTest, OlderGroupsAreUnderstood) {
  write("meminfo", "MemAvailable: 1000000 kB\n");
  write("cgroup", "12:cpu:/other\n4:memory:/job\n");
  write("sys/memory/job/memory.limit_in_bytes", "900000\n");
  write("sys/memory/job/memory.usage_in_bytes", "300000\n");
  EXPECT_EQ(available_memory_bytes(places_), 600000);
}

TEST_F(ResourcesTest, NothingReadableIsZero) { EXPECT_EQ(available_memory_bytes(places_), 0); }

TEST_F(ResourcesTest, ThisMachineTellsItsMemory) { EXPECT_GT(available_memory_bytes(), 0); }

TEST_F(ResourcesTest, ProcessorNameComesFromTheModelLine) {
  write("cpuinfo", "processor\t: 0\nmodel\t\t: 1\nmodel name\t: Some CPU @ 3 GHz\n");
  EXPECT_EQ(cpu_model_name(folder_ / "cpuinfo"), "Some CPU @ 3 GHz");
  EXPECT_EQ(cpu_model_name(folder_ / "none"), "unknown");
}

TEST_F(ResourcesTest, EnergyAddsPackagesAndSurvivesWrapping) {
  write("cap/intel-rapl:0/energy_uj", "900000\n");
  write("cap/intel-rapl:0/max_energy_range_uj", "1000000\n");
  write("cap/intel-rapl:1/energy_uj", "0\n");
  write("cap/intel-rapl:1/max_energy_range_uj", "1000000\n");
  write("cap/intel-rapl:0:0/energy_uj", "0\n");
  write("cap/intel-rapl:0:0/max_energy_range_uj", "1000000\n");
  EnergyMeter meter(folder_ / "cap");
  write("cap/intel-rapl:0/energy_uj", "100000\n");
  write("cap/intel-rapl:1/energy_uj", "250000\n");
  write("cap/intel-rapl:0:0/energy_uj", "999999\n");
  EXPECT_NEAR(meter.elapsed_j(), 0.2 + 0.25, 1e-9);
  write("cap/intel-rapl:1/energy_uj", "350000\n");
  EXPECT_NEAR(meter.elapsed_j(), 0.55, 1e-9);
}

TEST_F(ResourcesTest, WithoutCountersEnergyIsUnknown) {
  EXPECT_TRUE(std::isnan(EnergyMeter(folder_ / "none").elapsed_j()));
}

}  // namespace
}  // namespace cloudmask
