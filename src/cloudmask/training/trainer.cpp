#include "cloudmask/training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/version.h"
#include "cloudmask/data/cloud_pasting.h"
#include "cloudmask/data/split.h"
#include "cloudmask/metrics/resources.h"
#include "cloudmask/model/step_memory.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/scene/scene_reader.h"
#include "cloudmask/tensor/machine.h"
#include "cloudmask/training/fixed_settings.h"
#include "cloudmask/training/make_labeller.h"
#include "cloudmask/training/patch_memory.h"
#include "cloudmask/training/schedule.h"
#include "cloudmask/training/share_tensors.h"
#include "cloudmask/training/weights.h"

namespace cloudmask {
namespace {

constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

std::vector<std::filesystem::path> pick(const std::vector<std::filesystem::path>& scenes,
                                        const std::vector<int>& which) {
  std::vector<std::filesystem::path> picked;
  picked.reserve(which.size());
  for (const int i : which) picked.push_back(scenes[static_cast<std::size_t>(i)]);
  return picked;
}

// Where the bits must not depend on the memory that happens to be free: some twenty scenes of 1200x1500.
constexpr std::int64_t kDeterministicGroup_bytes = std::int64_t{512} << 20;

LoaderOptions loader_options(const Config& config, const torch::Device& device, const Communicator& ranks) {
  LoaderOptions options;
  options.device = device;
  options.share = {ranks.rank(), ranks.size()};
  options.batch_size = config.training.batch_size;
  options.keep_in_memory = !config.data.no_cache;
  options.seed = config.machine.seed;
  options.threads = config.machine.threads;
  return options;
}

}  // namespace

Trainer::Trainer(const Config& config, Communicator& communicator, RunListener& listener, std::int64_t memory_bytes)
    : config_(config),
      communicator_(communicator),
      listener_(listener),
      target_(choose_target(config.machine)),
      memory_bytes_(memory_for_patches(memory_bytes, communicator)) {
  if (config.training.batch_per_rank) config_.training.batch_size *= communicator.size();
  std::vector<std::filesystem::path> scenes;
  Split split;
  do_on_all(communicator_, [&] {
    scenes = find_scenes(config.data.train_dir);
    split = split_scenes(static_cast<int>(scenes.size()), config.data.train_split);
  });
  const auto cache = config.data.cache_dir.empty() ? nullptr : std::make_shared<PatchCache>(config.data.cache_dir);
  const auto to_train_on = pick(scenes, split.training);
  labeller_ = make_labeller(config_, to_train_on, communicator_);
  training_store_ = make_store(to_train_on, cache);
  test_store_ = make_store(pick(scenes, split.test), cache);
  seed_torch(config.machine.seed, config.training.deterministic);
  network_ = UNet(config.model, operations_for(target_));
  step_ = std::make_unique<TrainStep>(network_, target_, config_.training, communicator, patches_that_fit());
}

// At most, of a batch.
std::int64_t Trainer::own_patches() const {
  return (config_.training.batch_size + communicator_.size() - 1) / communicator_.size();
}

// Of this rank's share of a batch; 0 is all, also where the bits must not depend on the memory that happens to be free.
std::int64_t Trainer::patches_that_fit() const {
  if (!target_.device.is_cpu() || config_.training.deterministic) return 0;
  const int ranks = communicator_.size();
  const std::int64_t patches = own_patches();
  const std::int64_t all_bytes = training_store_->total_bytes() + test_store_->total_bytes();
  const std::int64_t room_bytes = available_memory_bytes() / communicator_.local_size() -
                                  std::min(memory_bytes_, all_bytes / ranks) -
                                  batches_bytes(patches, training_store_->patch_size_px(), training_store_->channels());
  return patches_at_once(config_, torch::elementSize(compute_type(target_)), patches, room_bytes);
}

// Each rank looks at its share of the headers.
std::unique_ptr<PatchStore> Trainer::make_store(const std::vector<std::filesystem::path>& scenes,
                                                std::shared_ptr<PatchCache> cache) {
  std::vector<double> patches;
  do_on_all(communicator_, [&] {
    patches = count_patches(scenes, config_.data, *labeller_, {communicator_.rank(), communicator_.size()});
  });
  communicator_.all_reduce_sum(patches);
  std::unique_ptr<PatchStore> store;
  do_on_all(communicator_,
            [&] { store = std::make_unique<PatchStore>(scenes, patches, config_, labeller_, std::move(cache)); });
  return store;
}

// The memory is shared in proportion.
void Trainer::make_loaders() {
  LoaderOptions options = loader_options(config_, target_.device, communicator_);
  const auto device_bytes = device_memory_for_patches(config_, target_, own_patches());
  const auto take = [&](double share) {
    options.memory_bytes = static_cast<std::int64_t>(share * static_cast<double>(memory_bytes_));
    if (device_bytes) {
      options.device_memory_bytes = static_cast<std::int64_t>(share * static_cast<double>(*device_bytes));
    }
  };
  take(1 - config_.data.train_split);
  test_ = std::make_unique<PatchLoader>(*test_store_, options);
  take(config_.data.train_split);
  options.shuffle = true;
  options.drop_last = true;  // as the reference; another order each epoch, so that no patch is lost for good
  options.augment = config_.data.augment;
  options.augmentation = {config_.data.temperature_jitter_k, config_.data.reflectance_jitter};
  do_on_all(communicator_, [&] { options.edit = make_patch_edit(config_); });
  options.group_bytes = state_.group_bytes;
  if (options.group_bytes == 0 && config_.training.deterministic) options.group_bytes = kDeterministicGroup_bytes;
  training_ = std::make_unique<PatchLoader>(*training_store_, options);
  state_.group_bytes = training_->group_bytes();
  if (training_->needed_bytes() > options.memory_bytes) {
    log_warning(
        fmt::format("patches take {} MiB of memory, {} are for them: a scene is held for each patch of a batch, and an "
                    "order of patches that is fixed, by --resume or `deterministic`, may take more; if memory runs "
                    "short, set a smaller batch_size",
                    training_->needed_bytes() >> 20, options.memory_bytes >> 20));
  }
}

void Trainer::resume_state() {
  const auto file = checkpoint_path(config_.report.model_file);
  std::string bytes;
  do_on_first(communicator_, [&] { bytes = read_checkpoint(file); });
  communicator_.broadcast(bytes);
  do_on_all(communicator_, [&] { state_ = parse_checkpoint(file, bytes, state_.settings); });
  assign(network_->parameters(), state_.weights);
  step_->optimiser().load_state(state_.optimiser);
  earlier_time_s_ = state_.record.time_s;
  if (!config_.training.early_stopping) state_.best_weights.clear();  // of a run that had it
}

void Trainer::begin(bool resume) {
  state_.settings = fixed_settings(config_, *training_store_, *labeller_);
  state_.best_test_loss = std::numeric_limits<double>::infinity();
  if (resume) resume_state();
  share_tensors(network_->parameters(), communicator_);  // other machines may have drawn others from the seed
  make_loaders();
  do_on_all(communicator_, [&] { test_->read_all(); });
  TrainingRecord& record = state_.record;
  record.training_scenes = training_store_->scenes();
  record.test_scenes = test_store_->scenes();
  record.training_patches = training_->patches();
  record.test_patches = test_->patches();
  record.batch_size = config_.training.batch_size;
  record.gradient_bytes = static_cast<std::int64_t>(step_->gradients().bytes());
  record.gradient_messages = static_cast<int>(step_->gradients().messages());
  record.epochs_configured = config_.training.epochs;
  record.time_to_accuracy_s = kNotMeasured;
  do_on_first(communicator_, [&] { listener_.on_training_start(describe_machine(target_, communicator_), record); });
}

TrainingRecord Trainer::run(bool resume) {
  begin(resume);
  EnergyMeter energy;
  while (!finished()) {
    train_epoch();
    close_epoch();
  }
  TrainingRecord& record = state_.record;
  do_on_first(communicator_, [&] { write_model_file(); });
  record.time_s = earlier_time_s_ + watch_.elapsed_s();
  record.peak_memory_bytes = peak_memory_bytes();
  record.energy_j = energy.elapsed_j();
  do_on_first(communicator_, [&] { listener_.on_training_end(record); });
  return record;
}

bool Trainer::finished() {
  const TrainingOptions& options = config_.training;
  TrainingRecord& record = state_.record;
  if (!record.epochs.empty()) {
    const EpochRecord& last = record.epochs.back();
    if (options.target_accuracy > 0 && last.test_accuracy >= options.target_accuracy) {
      record.stopped_because = "target_accuracy";
      // The model is the one that reached it, also where early stopping remembers another with a smaller loss.
      state_.best_weights.clear();
      record.best_epoch = last.epoch;
      record.best_test_accuracy = last.test_accuracy;
      record.time_to_accuracy_s = earlier_time_s_ + watch_.elapsed_s();
      return true;
    }
    if (options.early_stopping && record.best_epoch > 0 && last.epoch - record.best_epoch >= options.patience) {
      record.stopped_because = "early_stopping";
      return true;
    }
  }
  record.stopped_because = "epochs";
  return state_.epoch > options.epochs;
}

// Every rank has its batch, or all stop here: by a signal to any of them, or a scene that one cannot read.
std::optional<Batch> Trainer::next_batch(PatchLoader& loader) {
  std::optional<Batch> batch;
  std::exception_ptr fault;
  try {
    batch = loader.next();
  } catch (...) {
    fault = std::current_exception();
  }
  if (agree_to_stop(communicator_, fault, interrupt_requested())) stop();
  return batch;
}

void Trainer::train_epoch() {
  const std::int64_t steps = training_->steps_per_epoch();
  EpochRecord& epoch = state_.times;
  training_->start(state_.epoch, state_.step);
  const double all_reduce_before_s = step_->all_reduce_s() - epoch.all_reduce_s;
  const double time_before_s = epoch.time_s;
  Stopwatch watch;
  double patches = 0;
  double variances_s2 = static_cast<double>(state_.step) * epoch.compute_spread_s * epoch.compute_spread_s;
  while (state_.step < steps) {
    Stopwatch part;
    const auto batch = next_batch(*training_);
    epoch.wait_data_s += part.elapsed_s();
    CM_CHECK(batch.has_value());

    part.restart();
    const std::int64_t step_of_run = (state_.epoch - 1) * steps + state_.step;
    epoch.learning_rate = learning_rate_at(config_.training, step_of_run, steps);
    const BatchSums sums = step_->train(*batch, epoch.learning_rate);
    epoch.compute_s += part.elapsed_s();
    if (!std::isfinite(sums.loss)) diverged(fmt::format("the loss became {} in step {}", sums.loss, state_.step + 1));
    state_.sums.merge(sums);
    ++state_.step;
    const std::int64_t of_all = std::min<std::int64_t>(config_.training.batch_size,
                                                       training_->patches());  // an incomplete batch is the only one
    patches += static_cast<double>(of_all);
    epoch.patches += of_all;
    variances_s2 += step_->compute_variance_s2();
    epoch.compute_spread_s = std::sqrt(variances_s2 / static_cast<double>(state_.step));
    epoch.all_reduce_s = step_->all_reduce_s() - all_reduce_before_s;
    epoch.time_s = time_before_s + watch.elapsed_s();
    report_progress("training", state_.step, steps, patches / watch.elapsed_s());
  }
}

void Trainer::diverged(const std::string& what) const {
  const std::string model = config_.report.model_file.string();
  throw OnAllRanks<Error>(
      fmt::format("epoch {}: {}; {}. Try a smaller learning_rate or precision: fp32", state_.epoch, what,
                  written_epoch_ > 0 ? fmt::format("{} holds epoch {} of this run", model, written_epoch_)
                                     : fmt::format("this run has not written {}", model)));
}

// The loss of an epoch's last step was measured before its update.
void Trainer::require_finite_weights() const {
  torch::NoGradGuard no_grad;
  for (const auto& item : network_->named_parameters()) {
    if (!torch::isfinite(item.value()).all().item<bool>()) {
      diverged(fmt::format("weights {} are no longer finite after the last step", item.key()));
    }
  }
}

void Trainer::close_epoch() {
  require_finite_weights();
  EpochRecord epoch = state_.times;
  epoch.epoch = state_.epoch;
  epoch.steps = state_.step;
  epoch.compute_s -= epoch.all_reduce_s;
  epoch.train_loss = state_.sums.mean_loss();
  epoch.train_accuracy = state_.sums.accuracy();
  epoch.test_loss = epoch.test_accuracy = kNotMeasured;
  const bool last = state_.epoch == config_.training.epochs;
  if (last || state_.epoch % config_.training.validate_every == 0) evaluate_epoch(epoch);
  state_.record.epochs.push_back(epoch);
  remember_best(epoch);

  state_.epoch += 1;
  state_.step = 0;
  state_.times = {};
  state_.sums = {};
  if (last || epoch.epoch % config_.training.checkpoint_every == 0) save();
  do_on_first(communicator_,
              [&] { listener_.on_epoch(epoch); });  // last: a log that cannot be written must not cost the epoch
}

void Trainer::evaluate_epoch(EpochRecord& epoch) {
  Stopwatch watch;
  const std::int64_t steps = test_->steps_per_epoch();
  BatchSums sums;
  test_->start(/*epoch=*/0);
  std::int64_t done = 0;
  double patches = 0;
  while (const auto batch = next_batch(*test_)) {
    sums.merge(step_->evaluate(*batch));
    patches = static_cast<double>(std::min((done + 1) * config_.training.batch_size, test_->patches()));
    report_progress("evaluating", ++done, steps, patches / watch.elapsed_s());
  }
  if (sums.pixels > 0 && !std::isfinite(sums.loss)) diverged(fmt::format("the test loss became {}", sums.loss));
  epoch.test_loss = sums.mean_loss();
  epoch.test_accuracy = sums.accuracy();
  epoch.evaluate_s = watch.elapsed_s();
  epoch.time_s += epoch.evaluate_s;
}

void Trainer::remember_best(const EpochRecord& epoch) {
  if (std::isnan(epoch.test_loss)) return;
  TrainingRecord& record = state_.record;
  const bool best = epoch.test_loss < state_.best_test_loss;
  if (best) {
    state_.best_test_loss = epoch.test_loss;
    if (config_.training.early_stopping) state_.best_weights = copy_of(network_->parameters());
  }
  if (best || !config_.training.early_stopping) {  // without early stopping the model file holds the last epoch
    record.best_epoch = epoch.epoch;
    record.best_test_accuracy = epoch.test_accuracy;
  }
}

void Trainer::save() {
  do_on_first(communicator_, [&] {
    state_.weights = copy_of(network_->parameters());
    state_.optimiser = step_->optimiser().state();
    state_.record.time_s = earlier_time_s_ + watch_.elapsed_s();
    save_checkpoint(checkpoint_path(config_.report.model_file), state_);
    if (state_.step == 0 && !state_.record.epochs.empty()) write_model_file();
  });
}

// Early stopping: the best weights so far, which belong to record.best_epoch; else those of the last step.
ModelContent Trainer::model_content() {
  if (state_.best_weights.empty()) return network_->content();
  const auto current = copy_of(network_->parameters());
  assign(network_->parameters(), state_.best_weights);
  ModelContent content = network_->content();
  assign(network_->parameters(), current);
  return content;
}

void Trainer::write_model_file() {
  ModelContent content = model_content();
  const TrainingRecord& record = state_.record;
  const bool best = !state_.best_weights.empty();
  const EpochRecord& held =
      best ? record.epochs.at(static_cast<std::size_t>(record.best_epoch) - 1) : record.epochs.back();
  content.notes.threshold = config_.inference.threshold.value_or(ModelNotes{}.threshold);
  content.notes.written_by = fmt::format("cloudmask {}", kVersion);
  content.notes.training = {{"epochs", fmt::format("{}", record.epochs.size())},
                            {"best_epoch", fmt::format("{}", held.epoch)},
                            {"test_accuracy", fmt::format("{:.6f}", held.test_accuracy)},
                            {"training_scenes", fmt::format("{}", record.training_scenes)},
                            {"test_scenes", fmt::format("{}", record.test_scenes)},
                            {"batch_size", fmt::format("{}", record.batch_size)},
                            {"patch_size_px", fmt::format("{}", config_.data.patch_size_px)},
                            {"seed", fmt::format("{}", config_.machine.seed)},
                            {"supervision", std::string(to_string(config_.training.supervision))},
                            {"view", std::string(to_string(config_.data.view))},
                            {"precision", compute_type(target_) == torch::kBFloat16 ? "bf16" : "fp32"}};
  write_model(config_.report.model_file, content);
  written_epoch_ = held.epoch;
}

void Trainer::stop() {
  save();
  throw OnAllRanks<Interrupted>(
      fmt::format("stopped in epoch {} after step {} of {}; {} holds the state: go on with --resume", state_.epoch,
                  state_.step, training_->steps_per_epoch(), checkpoint_path(config_.report.model_file).string()));
}

void Trainer::report_progress(const char* activity, std::int64_t done, std::int64_t total, double patches_per_s) {
  ProgressRecord progress;
  progress.activity = activity;
  progress.epoch = state_.epoch;
  progress.epochs = config_.training.epochs;
  progress.done = done;
  progress.total = total;
  progress.items_per_s = patches_per_s;
  progress.loss = state_.sums.mean_loss();
  listener_.on_progress(progress);
}

}  // namespace cloudmask
