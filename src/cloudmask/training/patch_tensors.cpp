#include "cloudmask/training/patch_tensors.h"

#include <algorithm>
#include <numeric>

namespace cloudmask {
namespace {

// Into memory that a GPU can copy from on its own, where it is for one.
torch::Tensor stack_on(const torch::Device& device, const std::vector<torch::Tensor>& patches) {
  if (device.is_cpu() || !patches.front().is_cpu()) return torch::stack(patches);
  std::vector<std::int64_t> shape = patches.front().sizes().vec();
  shape.insert(shape.begin(), static_cast<std::int64_t>(patches.size()));
  auto stacked = torch::empty(shape, patches.front().options().pinned_memory(device.is_cuda()));
  torch::stack_out(stacked, patches);
  return stacked.to(device, /*non_blocking=*/true);
}

// Patches [N,P,P,...].
torch::Tensor turn(const torch::Tensor& patches, Symmetry symmetry) {
  std::vector<std::int64_t> mirrored;
  if ((symmetry & 1U) != 0) mirrored.push_back(2);
  if ((symmetry & 2U) != 0) mirrored.push_back(1);
  const auto turned = mirrored.empty() ? patches : patches.flip(mirrored);
  return (symmetry & 4U) != 0 ? turned.transpose(1, 2) : turned;
}

// Turned as chosen, by symmetry: the patches of one together.
class Turned {
 public:
  explicit Turned(const std::vector<PatchUnpacker::Choice>& choices) : choices_(choices), order_(choices.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return symmetry_of(a) < symmetry_of(b); });
    place_.resize(order_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) place_[order_[i]] = static_cast<std::int64_t>(i);
  }

  torch::Tensor stack(torch::Tensor PatchUnpacker::Choice::*part, const torch::Device& device) const {
    std::vector<torch::Tensor> patches;
    patches.reserve(order_.size());
    for (const std::size_t i : order_) patches.push_back(choices_[i].*part);
    const auto stacked = stack_on(device, patches);
    std::vector<torch::Tensor> groups;
    for (std::size_t first = 0; first < order_.size();) {
      const Symmetry symmetry = symmetry_of(order_[first]);
      std::size_t last = first;
      while (last < order_.size() && symmetry_of(order_[last]) == symmetry) ++last;
      const auto group = stacked.slice(0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(last));
      groups.push_back(turn(group, symmetry));
      first = last;
    }
    if (groups.size() == 1) return groups.front();
    return torch::cat(groups).index_select(0, torch::tensor(place_).to(device));
  }

 private:
  Symmetry symmetry_of(std::size_t choice) const { return choices_[choice].augmentation.symmetry; }

  const std::vector<PatchUnpacker::Choice>& choices_;
  std::vector<std::size_t> order_;
  std::vector<std::int64_t> place_;  // of a choice in that order
};

}  // namespace

PatchTensors as_tensors(const std::shared_ptr<const PackedPatches>& patches) {
  const std::int64_t size = patches->patch_size_px();
  const auto alive = [patches](void*) {};
  // LibTorch has no tensors of constants; nobody writes to these.
  auto* const channels = const_cast<std::int16_t*>(patches->channel_data());
  auto* const targets = const_cast<Target*>(patches->target_data());
  return {torch::from_blob(channels, {patches->count(), size, size, patches->channels()}, alive, torch::kInt16),
          torch::from_blob(targets, {patches->count(), size, size}, alive, torch::kUInt8)};
}

PatchUnpacker::PatchUnpacker(const torch::Device& device, int patch_size_px, int channels)
    : device_(device), patch_size_px_(patch_size_px), channels_(channels) {
  std::vector<float> steps;
  steps.reserve(static_cast<std::size_t>(channels));
  for (int channel = 0; channel < channels; ++channel) steps.push_back(packed_step(channel));
  steps_ = torch::tensor(steps).to(device);
  // From a value of the host: no stream must wait for it.
  surely_cloud_ = torch::tensor(static_cast<float>(kSurelyCloud)).to(device);
}

Batch PatchUnpacker::unpack(const std::vector<Choice>& choices, bool augment) const {
  const torch::NoGradGuard no_grad;
  if (choices.empty()) {
    return unpack(torch::empty({0, patch_size_px_, patch_size_px_, channels_}, torch::kInt16).to(device_),
                  torch::empty({0, patch_size_px_, patch_size_px_}, torch::kUInt8).to(device_));
  }
  const Turned turned(choices);
  Batch batch = unpack(turned.stack(&Choice::channels, device_), turned.stack(&Choice::targets, device_));
  if (augment) shift(batch.input.permute({0, 2, 3, 1}), choices);
  return batch;
}

Batch PatchUnpacker::unpack(const torch::Tensor& channels, const torch::Tensor& targets) const {
  const auto as_fp32 = [](const torch::Tensor& values) {
    return values.to(torch::kFloat32, /*non_blocking=*/false, /*copy=*/false, torch::MemoryFormat::Contiguous);
  };
  const auto input = as_fp32(channels).mul_(steps_);
  const auto weight = as_fp32(targets.ne(kUnknown)).unsqueeze(1);
  const auto target = as_fp32(targets).unsqueeze(1).mul_(weight).div_(surely_cloud_);
  return {input.permute({0, 3, 1, 2}), target, weight};
}

// shift_radiometry() of patches [N,P,P,C], in place.
void PatchUnpacker::shift(const torch::Tensor& input, const std::vector<Choice>& choices) const {
  std::vector<float> warmer;
  std::vector<float> brighter;
  warmer.reserve(choices.size());
  brighter.reserve(choices.size());
  for (const Choice& choice : choices) {
    warmer.push_back(choice.augmentation.warmer_k / kTemperatureUnit_k);
    brighter.push_back(choice.augmentation.brighter);
  }
  const auto for_each_patch = [&](const std::vector<float>& values) {
    return torch::tensor(values).view({-1, 1, 1, 1}).to(device_);
  };
  const auto present = input.ne(0).any(/*dim=*/3, /*keepdim=*/true);
  const auto reflectance = input.slice(3, 0, kReflectanceBands);
  const auto shifted = (reflectance + kReflectanceOffset).mul_(for_each_patch(brighter)).sub_(kReflectanceOffset);
  reflectance.copy_(torch::where(present, shifted, reflectance));
  input.slice(3, kReflectanceBands).add_(for_each_patch(warmer) * present);
}

}  // namespace cloudmask
