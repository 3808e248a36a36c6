#include <torch/torch.h>

#include <cmath>

#include "cloudmask/base/plain_errors.h"
#include "cloudmask/benchmark_inputs.h"
#include "cloudmask/network/network_screener.h"
#include "cloudmask/network_library.h"
#include "cloudmask/tensor/cpu_allocator.h"
#include "cloudmask/tensor/torch_state.h"
#include "cloudmask/training/batch_upload.h"
#include "cloudmask/training/device_sum.h"
#include "cloudmask/training/train_step.h"

namespace cloudmask {
namespace {

// Enough for a recorded step to be replayed.
constexpr int kSteps = 8;

Config with(const Config& config, Precision precision, bool recorded) {
  Config changed = config;
  changed.machine.precision = precision;
  changed.training.cuda_graph = recorded;
  return changed;
}

Config on_cpu(const Config& config) {
  Config changed = with(config, Precision::kFp32, false);
  changed.machine.device = "cpu";
  changed.machine.kernels = Kernels::kPlain;
  return changed;
}

struct Trained {
  double loss = 0;       ///< of the last step
  torch::Tensor change;  ///< of all weights, fp32 on the CPU
  bool recorded = false;
};

torch::Tensor weights_of(const UNet& network) {
  std::vector<torch::Tensor> all;
  for (const auto& parameter : network->parameters()) all.push_back(parameter.detach().cpu().flatten());
  return torch::cat(all);
}

Trained train(const Config& config) {
  const ComputeTarget target = choose_target(config.machine);
  seed_torch(config.machine.seed, false);
  SingleProcess alone;
  const UNet network(config.model, operations_for(target));
  const auto before = weights_of(network).clone();
  TrainStep step(network, target, config.training, alone);
  const Batch batch = BatchUpload(target.device).upload(random_batch(config));
  Trained trained;
  for (int i = 0; i < kSteps; ++i) trained.loss = step.train(batch, config.training.learning_rate).mean_loss();
  trained.change = weights_of(network) - before;
  trained.recorded = step.recorded();
  return trained;
}

torch::Tensor mask_of(const Config& config) {
  seed_torch(config.machine.seed, false);
  NetworkScreener screener(UNet(config.model)->content(), config);
  const Mask mask = screener.screen(random_scene(3 * config.data.patch_size_px, 2 * config.data.patch_size_px));
  return torch::tensor(mask.cloud_probability);
}

Agreement compare_loss(const std::string& what, const Trained& one, const Trained& other, double allowed) {
  return {"loss, " + what, std::abs(one.loss - other.loss) / other.loss, allowed};
}

Agreement compare_change(const std::string& what, const Trained& one, const Trained& other, double allowed) {
  return {"change of the weights, " + what, ((one.change - other.change).norm() / other.change.norm()).item<double>(),
          allowed};
}

Agreement compare_masks(const std::string& what, const torch::Tensor& one, const torch::Tensor& other, double allowed) {
  return {"mask, " + what, (one - other).abs().mean().item<double>(), allowed};
}

// The sum of one rank is what it has.
void check_device_sum(const Config& config, DeviceCheck& check) {
  const ComputeTarget target = choose_target(config.machine);
  SingleProcess alone;
  const auto sum = make_device_sum(target.device, alone);
  check.nccl = sum != nullptr;
  if (!sum) {
    if (target.device.is_cuda() && built_with_nccl()) check.missing.push_back("NCCL did not start");
    return;
  }
  const auto expected = torch::randn({1 << 20});
  const auto values = expected.to(target.device);
  sum->start(values);
  sum->finish();
  check.agreements.push_back({"NCCL, sum of one rank", (values.cpu() - expected).abs().max().item<double>(), 0});
}

DeviceCheck check(const Config& config) {
  install_cpu_allocator(config.machine);
  const Trained expected = train(on_cpu(config));
  const Trained fp32 = train(with(config, Precision::kFp32, false));
  const Trained fp32_recorded = train(with(config, Precision::kFp32, true));
  const Trained bf16 = train(with(config, Precision::kBf16, false));
  const Trained bf16_recorded = train(with(config, Precision::kBf16, true));
  const auto mask = mask_of(on_cpu(config));
  DeviceCheck result;
  result.agreements = {compare_loss("fp32", fp32, expected, 1e-3),
                       compare_loss("bf16", bf16, expected, 0.02),
                       compare_loss("bf16, recorded", bf16_recorded, expected, 0.02),
                       compare_change("fp32", fp32, expected, 0.05),
                       compare_change("fp32, recorded", fp32_recorded, expected, 0.05),
                       compare_change("bf16", bf16, expected, 0.7),
                       compare_change("bf16, recorded beside not", bf16_recorded, bf16, 0.3),
                       compare_masks("fp32", mask_of(with(config, Precision::kFp32, false)), mask, 1e-4),
                       compare_masks("bf16", mask_of(with(config, Precision::kBf16, false)), mask, 0.01)};
  result.recorded = fp32_recorded.recorded && bf16_recorded.recorded;
  if (config.training.cuda_graph && !result.recorded) {
    result.missing.push_back("cuda_graph was asked for, but no step was recorded on device " + config.machine.device);
  }
  check_device_sum(config, result);
  return result;
}

// fp32 as the CPU has it: LibTorch lets cuDNN round to TF32.
class PlainFp32 {
 public:
  PlainFp32() : before_(torch::globalContext().allowTF32CuDNN()) { torch::globalContext().setAllowTF32CuDNN(false); }
  ~PlainFp32() { torch::globalContext().setAllowTF32CuDNN(before_); }
  PlainFp32(const PlainFp32&) = delete;
  PlainFp32& operator=(const PlainFp32&) = delete;

 private:
  bool before_;
};

}  // namespace

DeviceCheck network::check_device(const Config& config) {
  return with_plain_errors([&] {
    const KeptRandomState kept;
    const PlainFp32 plain;
    return check(config);
  });
}

}  // namespace cloudmask
