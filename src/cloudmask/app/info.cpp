#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/describe_bytes.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/base/version.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/metrics/resources.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/product.h"
#include "cloudmask/screening/bayesian_tables_file.h"

namespace cloudmask {
namespace {

std::string line(const std::string& name, const std::string& value) { return fmt::format("{:<14}{}\n", name, value); }

std::string describe_this_machine(const Config& config) {
  const MachineRecord machine = describe_machine(config);
  return line("cloudmask", kVersion) + line("processor", machine.cpu) +
         line("cores", std::to_string(available_threads())) + line("GPUs", std::to_string(gpus_here())) +
         line("memory", describe_bytes(static_cast<double>(available_memory_bytes())) + " available") +
         line("LibTorch", machine.libtorch) + line("device", machine.device) + line("precision", machine.precision) +
         line("kernels", machine.kernels) + line("threads", std::to_string(machine.threads));
}

std::string describe_scene(const std::filesystem::path& file) {
  const SceneInfo info = inspect_scene(file);
  return line("kind", "scene") + line("size", fmt::format("{} x {} px", info.height_px, info.width_px)) +
         line("reflectance", info.reflectance_500m ? "500 m" : "1 km") + line("layout", info.layout) +
         line("labels", info.has_label ? "yes" : "no") + line("truth", info.has_truth ? "yes" : "no");
}

std::string describe_mask(const std::filesystem::path& file) {
  const MaskContent content = read_mask(file);
  std::size_t known = 0;
  std::size_t cloud = 0;
  for (const float probability : content.mask.cloud_probability) {
    known += std::isnan(probability) ? 0 : 1;
    cloud += probability >= content.origin.threshold ? 1 : 0;
  }
  const std::size_t pixels = content.mask.cloud_probability.size();
  const double cloud_percent =
      known == 0 ? std::nan("") : 100.0 * static_cast<double>(cloud) / static_cast<double>(known);
  return line("kind", "mask (probability of cloud; 1 is cloud, NaN no data)") +
         line("size", fmt::format("{} x {} px", content.mask.height_px, content.mask.width_px)) +
         line("cloud",
              fmt::format("{:.1f} % of {} pixels with data, {} without", cloud_percent, known, pixels - known)) +
         line("scene", content.origin.scene) + line("method", content.origin.method) +
         line("model", content.origin.model) + line("threshold", fmt::format("{}", content.origin.threshold));
}

std::string describe_model(const std::filesystem::path& file) {
  const ModelContent content = read_model(file);
  std::string layers;
  std::size_t parameters = content.spectral.kernel.size() + content.spectral.bias.size();
  for (std::size_t i = 0; i < content.convolutions.size(); ++i) {
    const ConvWeights& conv = content.convolutions[i];
    parameters += conv.kernel.size() + conv.bias.size();
    layers += fmt::format("  {:<14}{}x{} {:>4} -> {}\n", unet_layer_names().at(i), conv.kernel_px, conv.kernel_px,
                          conv.in_channels, conv.out_channels);
  }
  std::string text =
      line("kind", "model (U-Net)") + line("parameters", std::to_string(parameters)) +
      line("base_filters", std::to_string(content.options.base_filters)) +
      line("normalisation", std::string(to_string(content.options.normalisation))) +
      line("threshold", fmt::format("{}", content.notes.threshold)) +
      line("written by", content.notes.written_by.empty() ? "another program" : content.notes.written_by);
  for (const auto& [key, value] : content.notes.training) text += line(key, value);
  return text + line("layers", "") + layers;
}

std::string describe_tables(const std::filesystem::path& file) {
  const BayesianTables tables = read_bayesian_tables(file);
  std::string text = line("kind", "Bayesian tables (screen --method bayesian)") + line("origin", tables.origin);
  for (const KindTables& kind : tables.kinds) {
    std::string quantities;
    for (const LikelihoodTable* table : {&kind.spectral, &kind.texture}) {
      for (const TableAxis& axis : table->axes()) quantities += fmt::format(" {}", feature_name(axis.quantity));
    }
    text +=
        line(kind.name, fmt::format("{:.3f} cloud before a pixel is looked at; over{}", kind.cloud_prior, quantities));
  }
  return text;
}

/// The kinds are tried in turn: content decides, not the name.
std::string describe_file(const std::filesystem::path& file) {
  if (is_product(file)) return describe_scene(file);
  if (!std::filesystem::is_regular_file(file))
    throw Error(file.string() + ": no such file; name a scene, mask, model or table file");
  std::string reasons;
  using Describe = std::string (*)(const std::filesystem::path&);
  const std::vector<std::pair<const char*, Describe>> kinds = {
      {"scene", describe_scene}, {"mask", describe_mask}, {"model", describe_model}, {"table file", describe_tables}};
  for (const auto& [kind, describe] : kinds) {
    try {
      return describe(file);
    } catch (const Error& error) {
      reasons += fmt::format("; as a {}: {}", kind, error.what());
    }
  }
  throw Error(file.string() + ": neither scene nor mask nor model nor Bayesian tables" + reasons);
}

class InfoCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command =
        program.add_subcommand("info", "Tell of this machine, or of what scene, mask, model and table files hold");
    command->add_option("FILE", files_, "Files to look into; none: the machine and the device that would be used");
    arguments_.add_set(*command);
    command->footer("Examples:\n  cloudmask info\n  cloudmask info --set device=cpu\n  cloudmask info cloudModel.h5");
    return command;
  }

  int run(const GlobalOptions&) override {
    const Config config = arguments_.load();
    if (files_.empty()) std::cout << describe_this_machine(config);
    int failed = 0;
    for (const std::string& file : files_) {
      try {
        const std::filesystem::path path = expand_home(file);
        const std::string text = describe_file(path.has_filename() ? path : path.parent_path());
        std::cout << line("file", file) << text;
      } catch (const Error& error) {
        log_error(error.what());
        ++failed;
      }
    }
    return failed == 0 ? 0 : 1;
  }

 private:
  ConfigArguments arguments_;
  std::vector<std::string> files_;
};

}  // namespace

std::unique_ptr<Command> make_info_command() { return std::make_unique<InfoCommand>(); }

}  // namespace cloudmask
