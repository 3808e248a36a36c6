#include "cloudmask/model/model_file.h"

#include <gmock/gmock.h>

#include <cmath>

#include "cloudmask/base/files.h"
#include "cloudmask/base/hdf5_handle.h"
#include "cloudmask/network/unet.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

const fs::path kFixtures = fs::path(CLOUDMASK_SOURCE_DIR) / "tests/baseline/keras";

// A dataset of tests/baseline/keras/expected.h5, made by TensorFlow (make_keras_models.py), as [N,C,H,W].
torch::Tensor expected(const char* name, std::int64_t channels) {
  const Hdf5Lock lock;
  const Hdf5Handle file(H5Fopen((kFixtures / "expected.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const Hdf5Handle dataset(H5Dopen2(file.get(), name, H5P_DEFAULT));
  const auto values = torch::empty({2, 32, 32, channels});
  EXPECT_GE(H5Dread(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data_ptr<float>()), 0);
  return values.permute({0, 3, 1, 2});
}

class KerasModel : public ::testing::TestWithParam<const char*> {};

TEST_P(KerasModel, SavedByTensorFlowPredictsTheSameHere) {
  UNet network = make_unet(read_model(kFixtures / GetParam()));
  torch::NoGradGuard no_grad;
  const auto probability = torch::sigmoid(network->forward(expected("input", 9)));
  EXPECT_LT((probability - expected("output", 1)).abs().max().item<double>(), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Versions, KerasModel,
                         ::testing::Values("keras2.h5", "keras2.keras", "keras3.h5", "keras3.keras"),
                         [](const auto& file) {
                           std::string name = file.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

class ModelFile : public ::testing::Test {
 protected:
  ModelFile() {
    torch::manual_seed(4);
    content_ = UNet(ModelOptions{.base_filters = 2})->content();
    content_.notes.threshold = 0.4;
    content_.notes.written_by = "cloudmask test";
    content_.notes.training = {{"epochs", "7"}};
    write_model(file_, content_);
  }
  TemporaryFolder folder_;
  fs::path file_ = folder_ / "model.h5";
  ModelContent content_;
};

TEST_F(ModelFile, ComesBackAsItWas) {
  const ModelContent read = read_model(file_);
  ASSERT_EQ(read.convolutions.size(), content_.convolutions.size());
  for (std::size_t i = 0; i < read.convolutions.size(); ++i) {
    EXPECT_EQ(read.convolutions[i].kernel, content_.convolutions[i].kernel) << unet_layer_names()[i];
    EXPECT_EQ(read.convolutions[i].bias, content_.convolutions[i].bias);
  }
  EXPECT_EQ(read.spectral.kernel, content_.spectral.kernel);
  EXPECT_EQ(read.options.base_filters, 2);
  EXPECT_EQ(read.options.normalisation, Normalisation::kBackground);
  EXPECT_EQ(read.notes.threshold, 0.4);
  EXPECT_EQ(read.notes.training.at("epochs"), "7");
}

TEST_F(ModelFile, EveryKindOfInputComesBack) {
  for (const auto normalisation : {Normalisation::kReference, Normalisation::kSpectral, Normalisation::kBackground}) {
    const ModelContent content = UNet(ModelOptions{.base_filters = 2, .normalisation = normalisation})->content();
    write_model(file_, content);
    const ModelContent read = read_model(file_);
    EXPECT_EQ(read.options.normalisation, normalisation);
    EXPECT_EQ(read.spectral.kernel, content.spectral.kernel);
    EXPECT_EQ(read.convolutions[0].kernel, content.convolutions[0].kernel);
  }
}

TEST_F(ModelFile, SameModelGivesSameBytes) {
  write_model(folder_ / "again.h5", content_);
  EXPECT_TRUE(read_file(file_) == read_file(folder_ / "again.h5"));
}

TEST_F(ModelFile, WhatIsNoModelIsRefusedByName) {
  for (const std::string text : {"", "rubbish", "PK\x03\x04rubbish"}) {
    write_file_atomically(folder_ / "other.h5", text);
    EXPECT_THAT(fault_of([&] { read_model(folder_ / "other.h5"); }), HasSubstr("other.h5"));
  }
  EXPECT_THAT(fault_of([&] { read_model(folder_ / "absent.h5"); }), HasSubstr("no such file"));
}

TEST_F(ModelFile, AnyTruncationIsAnError) {
  const std::string bytes = read_file(file_);
  for (std::size_t length = 0; length < bytes.size(); length += bytes.size() / 40) {
    write_file_atomically(folder_ / "cut.h5", bytes.substr(0, length));
    EXPECT_THROW(read_model(folder_ / "cut.h5"), Error) << length << " of " << bytes.size();
  }
}

TEST_F(ModelFile, AFlippedByteNeverGivesOtherWeights) {
  const std::string bytes = read_file(file_);
  for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 300) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    write_file_atomically(folder_ / "flipped.h5", flipped);
    try {
      const ModelContent read = read_model(folder_ / "flipped.h5");
      for (std::size_t i = 0; i < read.convolutions.size(); ++i) {
        ASSERT_EQ(read.convolutions[i].kernel, content_.convolutions[i].kernel) << "byte " << at;
      }
    } catch (const Error&) {  // refused: as good
    }
  }
}

TEST_F(ModelFile, WeightsThatAreNotFiniteAreNeverWritten) {
  const std::string before = read_file(file_);
  content_.convolutions[3].kernel[5] = std::nanf("");
  EXPECT_THAT(fault_of([&] { write_model(file_, content_); }), HasSubstr("not finite"));
  EXPECT_TRUE(read_file(file_) == before);
}

TEST_F(ModelFile, WeightsThatAreNotFiniteAreRefused) {
  {
    const Hdf5Lock lock;
    const Hdf5Handle file(H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const Hdf5Handle bias(H5Dopen2(file.get(), "model_weights/head/head/bias:0", H5P_DEFAULT));
    const float nan = std::nanf("");
    ASSERT_GE(H5Dwrite(bias.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &nan), 0);
  }
  EXPECT_THAT(fault_of([&] { read_model(file_); }), HasSubstr("not finite"));
}

TEST_F(ModelFile, WeightsInAnotherFileAreRefused) {
  const fs::path other = folder_ / "other.h5";
  fs::copy_file(file_, other);
  const auto replace_by_link = [&](const char* path) {
    const Hdf5Lock lock;
    const Hdf5Handle file(H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    ASSERT_GE(H5Ldelete(file.get(), path, H5P_DEFAULT), 0);
    ASSERT_GE(H5Lcreate_external(other.c_str(), path, file.get(), path, H5P_DEFAULT, H5P_DEFAULT), 0);
  };
  for (const char* path : {"model_weights/head/head/kernel:0", "model_weights/head", "model_weights"}) {
    fs::copy_file(other, file_, fs::copy_options::overwrite_existing);
    replace_by_link(path);
    EXPECT_THAT(fault_of([&] { read_model(file_); }),
                AllOf(HasSubstr("model.h5"), HasSubstr("link to another file"), HasSubstr("other.h5")))
        << path;
  }
}

TEST_F(ModelFile, AnUnwritablePlaceIsAnErrorWithItsName) {
  write_file_atomically(folder_ / "file", "");
  EXPECT_THAT(fault_of([&] { write_model(folder_ / "file/model.h5", content_); }), HasSubstr("file"));
}

}  // namespace
}  // namespace cloudmask
