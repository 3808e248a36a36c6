// Answers tests/parity/parity.py: what do network, optimiser and split of this library compute?
//   parity_probe forward MODEL INPUT OUTPUT COUNT SIZE           input [COUNT,SIZE,SIZE,C] -> probabilities
//   parity_probe adam MODEL INPUT TARGET COUNT SIZE BATCH RATE   prints the loss of each batch, a step on each
//   parity_probe split                                           lines "N SHARE" in, "training | test" out
// Arrays are raw little-endian float32 files.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/data/split.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/network/unet.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/training/train_step.h"

namespace {

using namespace cloudmask;

torch::Tensor read_array(const std::string& file, std::int64_t count, std::int64_t size, std::int64_t channels) {
  const auto values = torch::empty({count, size, size, channels});
  std::ifstream stream(file, std::ios::binary);
  stream.read(reinterpret_cast<char*>(values.data_ptr<float>()),
              values.numel() * static_cast<std::int64_t>(sizeof(float)));
  if (!stream) throw Error(file + ": too short");
  return values.permute({0, 3, 1, 2});
}

void forward(const std::vector<std::string>& words) {
  torch::NoGradGuard no_grad;
  UNet network = make_unet(read_model(words.at(1)));
  const auto input = read_array(words.at(2), std::stoll(words.at(4)), std::stoll(words.at(5)),
                                input_channels(network->options().normalisation));
  const auto probability = torch::sigmoid(network->forward(input)).contiguous();
  std::ofstream(words.at(3), std::ios::binary)
      .write(reinterpret_cast<const char*>(probability.data_ptr<float>()),
             probability.numel() * static_cast<std::int64_t>(sizeof(float)));
}

void adam(const std::vector<std::string>& words) {
  const std::int64_t count = std::stoll(words.at(4));
  const std::int64_t size = std::stoll(words.at(5));
  const std::int64_t batch_size = std::stoll(words.at(6));
  const auto input = read_array(words.at(2), count, size, 9);
  const auto target = read_array(words.at(3), count, size, 1);
  SingleProcess alone;
  TrainStep step(make_unet(read_model(words.at(1))), ComputeTarget{}, TrainingOptions{}, alone);
  for (std::int64_t first = 0; first < count; first += batch_size) {
    const Batch batch = {input.slice(0, first, first + batch_size), target.slice(0, first, first + batch_size),
                         torch::ones_like(target.slice(0, first, first + batch_size))};
    std::cout << fmt::format("{:.9g}\n", step.train(batch, std::stod(words.at(7))).mean_loss());
  }
}

void split() {
  int scenes = 0;
  double share = 0;
  while (std::cin >> scenes >> share) {
    const Split parts = split_scenes(scenes, share);
    std::cout << fmt::format("{} | {}\n", fmt::join(parts.training, " "), fmt::join(parts.test, " "));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.at(0) == "forward") {
      forward(words);
    } else if (words.at(0) == "adam") {
      adam(words);
    } else {
      split();
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
