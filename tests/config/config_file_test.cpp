#include "cloudmask/config/config_file.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "cloudmask/base/error.h"
#include "cloudmask/config/config_keys.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ConfigFile : public ::testing::Test {
 protected:
  ConfigFile() { std::filesystem::create_directories(folder_); }
  ~ConfigFile() override { std::filesystem::remove_all(folder_); }

  Config load(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
    std::ofstream(file_) << yaml;
    return load_config(file_, overrides);
  }

  /// The message of the UsageError that `yaml` costs.
  std::string fault(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
    try {
      load(yaml, overrides);
    } catch (const UsageError& error) {
      return error.what();
    }
    ADD_FAILURE() << "accepted: " << yaml;
    return "";
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("cloudmask_config_test_" + std::to_string(::getpid()));
  const std::filesystem::path file_ = folder_ / "run.yaml";
};

TEST_F(ConfigFile, ReferenceConfigurationLoadsUnchanged) {
  ::setenv("HOME", "/home/someone", 1);
  const auto root = std::filesystem::path(CLOUDMASK_SOURCE_DIR);
  const Config config = load_config(root / "config" / "reference.yaml");
  EXPECT_EQ(config.report.organisation, "STFC");
  EXPECT_EQ(config.report.platform, "nvidia gtx-2");
  EXPECT_EQ(config.machine.accelerators_per_node, 16);
  EXPECT_EQ(config.data.train_dir, "/home/someone/data/one-day");
  EXPECT_EQ(config.report.log_file, "./cloudMask_Log");
  EXPECT_EQ(config.data.patch_size_px, 256);
  EXPECT_EQ(config.inference.crop_size_px, 80);
  EXPECT_EQ(config.machine.seed, 1234U);
  EXPECT_DOUBLE_EQ(config.training.learning_rate, 0.001);
  EXPECT_EQ(config.training.epochs, 1);
  EXPECT_DOUBLE_EQ(config.data.min_sst_k, 273.15);
  EXPECT_FALSE(config.data.no_cache);
}

TEST_F(ConfigFile, BooleansAreThoseOfYaml11) {
  for (const char* yes : {"True", "true", "yes", "ON"})
    EXPECT_TRUE(load(std::string("no_cache: ") + yes).data.no_cache);
  for (const char* no : {"False", "no", "Off"}) EXPECT_FALSE(load(std::string("augment: ") + no).data.augment);
  EXPECT_EQ(load("kernels: plain").machine.kernels, Kernels::kPlain);
  EXPECT_EQ(load("kernels: avx2").machine.kernels, Kernels::kAvx2);
  EXPECT_TRUE(load("seed: 1").machine.caching_allocator);
  EXPECT_FALSE(load("caching_allocator: false").machine.caching_allocator);
  EXPECT_THAT(fault("augment: 1"), HasSubstr("augment is '1', it takes true or false"));
}

TEST_F(ConfigFile, ChoicesReachTheirOptions) {
  const Config config = load(
      "precision: bf16\nloss: weighted_bce\nschedule: cosine\ntile_mode: patches\nreflectance_grid: 500m\n"
      "view: oblique\nnormalisation: reference\ndevice: cuda:3\n");
  EXPECT_EQ(config.machine.precision, Precision::kBf16);
  EXPECT_EQ(config.training.loss, LossKind::kWeightedBce);
  EXPECT_EQ(config.training.schedule, ScheduleKind::kCosine);
  EXPECT_EQ(config.inference.tile_mode, TileMode::kPatches);
  EXPECT_EQ(config.data.reflectance_grid, ReflectanceGrid::k500M);
  EXPECT_EQ(config.data.view, View::kOblique);
  EXPECT_EQ(config.model.normalisation, Normalisation::kReference);
  EXPECT_EQ(config.machine.device, "cuda:3");
}

TEST_F(ConfigFile, UnknownKeyNamesLineAndNearestKey) {
  EXPECT_THAT(fault("seed: 1\nepoch: 3\n"),
              AllOf(HasSubstr(file_.string() + ":2: "), HasSubstr("unknown key 'epoch'"), HasSubstr("'epochs'")));
  EXPECT_THAT(fault("patch_size: 256"), HasSubstr("'PATCH_SIZE'"));
  EXPECT_THAT(fault("Batch-Size: 256"), HasSubstr("'batch_size'"));
}

struct BadValue {
  std::string yaml;
  std::string message;
};

TEST_F(ConfigFile, ValueOutOfRangeSaysKeyLineFoundAndWanted) {
  const std::vector<BadValue> cases = {
      {"batch_size: 0", "batch_size is '0', it takes a whole number from 1 to 65536"},
      {"batch_size: 2.5", "batch_size is '2.5', it takes a whole number"},
      {"batch_size: 99999999999999999999", "it takes a whole number"},
      {"learning_rate: nan", "learning_rate is 'nan', it takes a number above 0"},
      {"learning_rate: .inf", "learning_rate is '.inf', it takes a number above 0"},
      {"learning_rate: 0", "it takes a number above 0"},
      {"learning_rate: fast", "it takes a number above 0"},
      {"learning_rate: +-1", "it takes a number above 0"},
      {"train_split: 1.5", "train_split is '1.5', it takes a number above 0 and below 1"},
      {"label_smoothing: 1", "it takes a number of at least 0 and below 1"},
      {"target_accuracy: 90", "it takes a number from 0 to 1"},
      {"MIN_SST: inf", "it takes a finite number"},
      {"PATCH_SIZE: 100", "PATCH_SIZE is '100', it takes a whole number from 32 to 4096 and a multiple of 8"},
      {"PATCH_SIZE: 24", "it takes a whole number from 32"},
      {"CROP_SIZE: 81", "CROP_SIZE is '81', it takes a whole number"},
      {"CROP_SIZE: 84", "and a multiple of 8"},
      {"N_CHANNELS: 8", "N_CHANNELS is '8', it takes 9"},
      {"precision: fp7", "precision is 'fp7', it takes one of auto fp32 bf16"},
      {"device: gpu", "device is 'gpu', it takes auto, cpu, cuda or cuda:N"},
      {"device: 'cuda:'", "it takes auto, cpu, cuda or cuda:N"},
      {"tile_px: 100", "it takes 0 or a whole number from 32 to 100000 and a multiple of 8"},
      {"seed: -1", "it takes a whole number from 0 to 4294967295"},
      {"epochs: [1, 2]", "epochs is a list, it takes a whole number"},
      {"epochs: {a: 1}", "epochs is a mapping, it takes a whole number"},
      {"epochs:", "epochs is nothing, it takes a whole number"},
      {"model_file: ''", "model_file is '', it takes a path"},
      {"organisation: \"two\\nlines\"", "it takes one line of text"},
  };
  for (const BadValue& bad : cases) {
    EXPECT_THAT(fault("nodes: 1\n" + bad.yaml), AllOf(HasSubstr(file_.string() + ":2: "), HasSubstr(bad.message)));
  }
}

TEST_F(ConfigFile, NothingIsEmptyForKeysThatMayBeEmpty) {
  const Config config = load("cache_dir:\norganisation:\ninference_dir: null\nplatform: ~\n", {});
  EXPECT_EQ(config.data.cache_dir, "");
  EXPECT_EQ(config.data.inference_dir, "");
  EXPECT_EQ(config.report.organisation, "");
  EXPECT_EQ(config.report.platform, "");
  EXPECT_THAT(fault("model_file:"), HasSubstr("model_file is nothing, it takes a path"));
  EXPECT_THAT(fault("device:"), HasSubstr("device is nothing, it takes auto"));
}

TEST_F(ConfigFile, CropMustBeSmallerThanThePatch) {
  EXPECT_THAT(fault("PATCH_SIZE: 64\nCROP_SIZE: 64"), AllOf(HasSubstr(":2: CROP_SIZE is 64"), HasSubstr("less than")));
  EXPECT_THAT(fault("PATCH_SIZE: 64"), AllOf(HasSubstr(":1: CROP_SIZE is 80"), HasSubstr("PATCH_SIZE 64")));
  EXPECT_THAT(fault("seed: 1", {"PATCH_SIZE=64"}), HasSubstr("--set PATCH_SIZE: CROP_SIZE is 80"));
  EXPECT_EQ(load("PATCH_SIZE: 64\nCROP_SIZE: 0").inference.crop_size_px, 0);
}

TEST_F(ConfigFile, KeyGivenTwiceNamesBothLines) {
  EXPECT_THAT(fault("seed: 1\nepochs: 2\nseed: 3"),
              AllOf(HasSubstr(":3: seed is given twice"), HasSubstr(file_.string() + ":1;")));
}

TEST_F(ConfigFile, FileOfAnotherShapeIsRefused) {
  EXPECT_THAT(fault(""), HasSubstr("the file is empty"));
  EXPECT_THAT(fault("# only a comment\n"), HasSubstr("the file is empty"));
  EXPECT_THAT(fault("- a\n- b\n"), HasSubstr("holds a list"));
  EXPECT_THAT(fault("just words"), HasSubstr("holds a text"));
  EXPECT_THAT(fault("seed: 1\nepochs: [1\n"), AllOf(HasSubstr(file_.string() + ":"), HasSubstr("not valid YAML")));
  EXPECT_THAT(fault("seed: 1\n---\nseed: 2\n"), HasSubstr("second YAML document"));
  EXPECT_THAT(fault("[a]: 1"), HasSubstr("a key is a list"));
  EXPECT_THAT(fault(std::string(2 << 20, '#')), HasSubstr("no configuration file"));
  EXPECT_THAT(fault(std::string(5000, '[')), HasSubstr("not valid YAML"));
}

TEST_F(ConfigFile, UnreadableFileIsAUsageError) {
  EXPECT_THROW(load_config(folder_ / "absent.yaml"), UsageError);
  EXPECT_THROW(load_config(folder_), UsageError);
}

TEST_F(ConfigFile, OverridesWinAndTheLastOneMost) {
  const Config config = load("epochs: 2\nseed: 5", {"epochs=7", "batch_size=3", "epochs=9", "platform=a=b"});
  EXPECT_EQ(config.training.epochs, 9);
  EXPECT_EQ(config.training.batch_size, 3);
  EXPECT_EQ(config.machine.seed, 5U);
  EXPECT_EQ(config.report.platform, "a=b");
}

TEST_F(ConfigFile, FaultyOverrideNamesItself) {
  EXPECT_THAT(fault("seed: 1", {"epochs"}), HasSubstr("--set epochs: takes KEY=VALUE"));
  EXPECT_THAT(fault("seed: 1", {"epoch=3"}), AllOf(HasSubstr("--set: unknown key 'epoch'"), HasSubstr("'epochs'")));
  EXPECT_THAT(fault("seed: 1", {"epochs=0"}), HasSubstr("--set epochs: epochs is '0'"));
  EXPECT_THROW(default_config({"epochs=0"}), UsageError);
}

TEST_F(ConfigFile, AThresholdIsTheModelsUnlessNamed) {
  EXPECT_EQ(load("seed: 1").inference.threshold, std::nullopt);
  EXPECT_EQ(load("threshold: 0.3").inference.threshold, 0.3);
  EXPECT_EQ(load("threshold: 0.3", {"threshold=auto"}).inference.threshold, std::nullopt);
  EXPECT_THAT(fault("threshold: 1.5"), AllOf(HasSubstr("1.5"), HasSubstr("takes auto or ")));
}

TEST_F(ConfigFile, YamlRoundTripsEveryKey) {
  const Config config = load(
      "seed: 77\nlearning_rate: 0.00037\nplatform: 'a \"b\": #c'\ncache_dir: /tmp/x y\nloss: weighted_bce\n"
      "no_cache: yes\nthreshold: 0.3\ntile_px: 512\n");
  const std::string yaml = to_yaml(config);
  EXPECT_EQ(to_yaml(load(yaml)), yaml);
  EXPECT_EQ(load(yaml).report.platform, "a \"b\": #c");
  EXPECT_DOUBLE_EQ(load(yaml).training.learning_rate, 0.00037);
  EXPECT_EQ(to_yaml(load(to_yaml(Config{}))), to_yaml(Config{}));
}

TEST(ConfigKeys, EveryDefaultIsAValueThatItsKeyTakes) {
  for (const KeyHelp& key : describe_keys()) {
    Config config;
    EXPECT_TRUE(find_key(key.key)->set(config, key.default_value)) << key.key << " = " << key.default_value;
    EXPECT_FALSE(key.takes.empty() || key.meaning.empty()) << key.key;
    EXPECT_EQ(to_yaml(config), to_yaml(Config{})) << key.key;
  }
}

TEST(ConfigKeys, NamesAreUnique) {
  for (const ConfigKey& key : config_keys()) EXPECT_EQ(find_key(key.name), &key) << key.name;
}

}  // namespace
}  // namespace cloudmask
