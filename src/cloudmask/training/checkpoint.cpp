#include "cloudmask/training/checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"

namespace cloudmask {

// Field lists for JSON; NaN becomes null and comes back as NaN.
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kFormatVersion = 2;

double number(const json& value) { return value.is_null() ? std::nan("") : value.get<double>(); }

json to_json(const EpochRecord& e) {
  return {e.epoch,          e.steps,        e.patches,       e.learning_rate,   e.train_loss,
          e.train_accuracy, e.test_loss,    e.test_accuracy, e.time_s,          e.wait_data_s,
          e.compute_s,      e.all_reduce_s, e.evaluate_s,    e.compute_spread_s};
}

EpochRecord epoch_from_json(const json& j) {
  EpochRecord e;
  e.epoch = j.at(0);
  e.steps = j.at(1);
  e.patches = j.at(2);
  double* const fields[] = {&e.learning_rate, &e.train_loss,  &e.train_accuracy, &e.test_loss,    &e.test_accuracy,
                            &e.time_s,        &e.wait_data_s, &e.compute_s,      &e.all_reduce_s, &e.evaluate_s};
  for (std::size_t i = 0; i < std::size(fields); ++i) *fields[i] = number(j.at(i + 3));
  e.compute_spread_s = j.size() > 13 ? number(j.at(13)) : std::nan("");  // older ones have none
  return e;
}

std::string describe(const TrainingState& state) {
  json epochs = json::array();
  for (const EpochRecord& epoch : state.record.epochs) epochs.push_back(to_json(epoch));
  const TrainingRecord& r = state.record;
  const json text = {{"format", kFormatVersion},
                     {"settings", state.settings},
                     {"epoch", state.epoch},
                     {"step", state.step},
                     {"group_bytes", state.group_bytes},
                     {"times", to_json(state.times)},
                     {"sums", {state.sums.loss, state.sums.correct, state.sums.pixels}},
                     {"epochs", epochs},
                     {"best_epoch", r.best_epoch},
                     {"best_test_accuracy", r.best_test_accuracy},
                     {"best_test_loss", state.best_test_loss},
                     {"time_s", r.time_s},
                     {"optimiser_steps", state.optimiser.steps}};
  return text.dump();
}

void read_description(const std::string& text, TrainingState& state) {
  const json j = json::parse(text);
  if (j.at("format") != kFormatVersion) throw Error("written by another version of cloudmask");
  state.settings = j.at("settings").get<std::map<std::string, std::string>>();
  state.settings.emplace("view", to_string(View::kNadir));  // what older ones, which do not say it, were made with
  state.epoch = j.at("epoch");
  state.step = j.at("step");
  state.group_bytes = j.at("group_bytes");
  state.times = epoch_from_json(j.at("times"));
  state.sums = {number(j.at("sums").at(0)), number(j.at("sums").at(1)), number(j.at("sums").at(2))};
  for (const json& epoch : j.at("epochs")) state.record.epochs.push_back(epoch_from_json(epoch));
  state.record.best_epoch = j.at("best_epoch");
  state.record.best_test_accuracy = number(j.at("best_test_accuracy"));
  state.best_test_loss = number(j.at("best_test_loss"));
  state.record.time_s = number(j.at("time_s"));
  state.optimiser.steps = j.at("optimiser_steps");
}

void write_tensors(torch::serialize::OutputArchive& archive, const std::string& name,
                   const std::vector<torch::Tensor>& tensors) {
  archive.write(name + "_count", c10::IValue(static_cast<std::int64_t>(tensors.size())));
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    archive.write(fmt::format("{}_{}", name, i), tensors[i].detach().cpu(), /*is_buffer=*/true);
  }
}

std::vector<torch::Tensor> read_tensors(torch::serialize::InputArchive& archive, const std::string& name) {
  c10::IValue count;
  archive.read(name + "_count", count);
  std::vector<torch::Tensor> tensors(static_cast<std::size_t>(count.toInt()));
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    archive.read(fmt::format("{}_{}", name, i), tensors[i], /*is_buffer=*/true);
  }
  return tensors;
}

void require_same_settings(const fs::path& file, const std::map<std::string, std::string>& found,
                           const std::map<std::string, std::string>& expected) {
  for (const auto& [key, value] : expected) {
    const auto other = found.find(key);
    const std::string was = other == found.end() ? "not set" : other->second;
    if (was != value) {
      throw Error(
          fmt::format("{}: was made with {} = {}, now it is {}; resume with the same settings, or train anew "
                      "without --resume",
                      file.string(), key, was, value));
    }
  }
}

}  // namespace

void save_checkpoint(const fs::path& file, const TrainingState& state) {
  torch::serialize::OutputArchive archive;
  archive.write("state", c10::IValue(describe(state)));
  write_tensors(archive, "weights", state.weights);
  write_tensors(archive, "best_weights", state.best_weights);
  write_tensors(archive, "mean", state.optimiser.mean);
  write_tensors(archive, "variance", state.optimiser.variance);
  // Not straight to the file: on a full disk LibTorch's writer throws from a destructor, which ends the program.
  std::string bytes;
  archive.save_to([&bytes](const void* data, std::size_t size) {
    bytes.append(static_cast<const char*>(data), size);
    return size;
  });
  write_file_atomically(file, bytes);
}

std::string read_checkpoint(const fs::path& file) {
  std::error_code unreadable;
  if (!fs::exists(file, unreadable) && !unreadable) {
    throw Error(fmt::format("{}: there is no checkpoint to resume from; train without --resume", file.string()));
  }
  return read_file(file);
}

TrainingState parse_checkpoint(const fs::path& file, const std::string& bytes,
                               const std::map<std::string, std::string>& expected) {
  TrainingState state;
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(bytes.data(), bytes.size());
    c10::IValue text;
    archive.read("state", text);
    read_description(text.toStringRef(), state);
    state.weights = read_tensors(archive, "weights");
    state.best_weights = read_tensors(archive, "best_weights");
    state.optimiser.mean = read_tensors(archive, "mean");
    state.optimiser.variance = read_tensors(archive, "variance");
  } catch (const std::exception& error) {
    const auto* fault = dynamic_cast<const c10::Error*>(&error);
    const std::string reason = fault != nullptr ? fault->what_without_backtrace() : error.what();
    throw Error(fmt::format("{}: not a usable checkpoint ({}); train without --resume", file.string(),
                            reason.substr(0, reason.find('\n'))));
  }
  require_same_settings(file, state.settings, expected);
  return state;
}

}  // namespace cloudmask
