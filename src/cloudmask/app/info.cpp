#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <functional>
#include <string_view>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/describe_bytes.h"
#include "cloudmask/app/json_output.h"
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

// What there is to tell of something, by name: as text, or as JSON.
using Facts = Json;

std::string line(const std::string& name, const std::string& value) { return fmt::format("{:<16}{}\n", name, value); }

std::string text_of(const std::string& name, const Json& value) {
  constexpr std::string_view kBytes = "_bytes";
  if (name.size() > kBytes.size() && name.ends_with(kBytes) && value.is_number())
    return describe_bytes(value.get<double>());
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.is_null() ? "not known" : value.dump();
}

std::string text_of(const Facts& facts) {
  std::string text;
  for (const auto& [name, value] : facts.items()) {
    text += line(name, value.is_array() ? "" : text_of(name, value));
    if (!value.is_array()) continue;
    for (const Json& item : value) text += fmt::format("  {}\n", item.get<std::string>());
  }
  return text;
}

Facts facts_of_this_machine(const Config& config) {
  const MachineRecord machine = describe_machine(config);
  return {{"cloudmask", kVersion},
          {"processor", machine.cpu},
          {"cores", available_threads()},
          {"gpus", gpus_here()},
          {"memory_bytes", available_memory_bytes()},
          {"libtorch", machine.libtorch},
          {"device", machine.device},
          {"precision", machine.precision},
          {"kernels", machine.kernels},
          {"threads", machine.threads}};
}

Facts facts_of_scene(const std::filesystem::path& file, View view) {
  const SceneInfo info = inspect_scene(file, {.view = view});
  return {{"kind", "scene"},
          {"view", to_string(view)},
          {"height_px", info.height_px},
          {"width_px", info.width_px},
          {"reflectance", info.reflectance_500m ? "500 m" : "1 km"},
          {"layout", info.layout},
          {"labels", info.has_label},
          {"truth", info.has_truth}};
}

Facts facts_of_mask(const std::filesystem::path& file) {
  const MaskContent content = read_mask(file);
  std::size_t known = 0;
  std::size_t cloud = 0;
  for (const float probability : content.mask.cloud_probability) {
    known += std::isnan(probability) ? 0 : 1;
    cloud += probability >= content.origin.threshold ? 1 : 0;
  }
  return {{"kind", "mask"},
          {"value", "probability of cloud: 1 is cloud, NaN no data"},
          {"height_px", content.mask.height_px},
          {"width_px", content.mask.width_px},
          {"known_pixels", known},
          {"missing_pixels", content.mask.cloud_probability.size() - known},
          {"cloud_fraction", number_or_null(static_cast<double>(cloud) / static_cast<double>(known))},
          {"scene", content.origin.scene},
          {"view", to_string(content.origin.view)},
          {"method", content.origin.method},
          {"model", content.origin.model},
          {"threshold", content.origin.threshold}};
}

Facts facts_of_model(const std::filesystem::path& file) {
  const ModelContent content = read_model(file);
  Json layers = Json::array();
  std::size_t parameters = content.spectral.kernel.size() + content.spectral.bias.size();
  for (std::size_t i = 0; i < content.convolutions.size(); ++i) {
    const ConvWeights& conv = content.convolutions[i];
    parameters += conv.kernel.size() + conv.bias.size();
    layers.push_back(fmt::format("{:<14}{}x{} {:>4} -> {}", unet_layer_names().at(i), conv.kernel_px, conv.kernel_px,
                                 conv.in_channels, conv.out_channels));
  }
  Facts facts = {{"kind", "model"},
                 {"architecture", "U-Net"},
                 {"parameters", parameters},
                 {"base_filters", content.options.base_filters},
                 {"normalisation", to_string(content.options.normalisation)},
                 {"threshold", content.notes.threshold},
                 {"written_by", content.notes.written_by.empty() ? "another program" : content.notes.written_by},
                 {"layers", std::move(layers)}};
  for (const auto& [key, value] : content.notes.training) facts.emplace(key, value);
  return facts;
}

Facts facts_of_tables(const std::filesystem::path& file) {
  const BayesianTables tables = read_bayesian_tables(file);
  Facts facts = {{"kind", "Bayesian tables"}, {"origin", tables.origin}, {"view", to_string(tables.view)}};
  for (const KindTables& kind : tables.kinds) {
    std::string quantities;
    for (const LikelihoodTable* table : {&kind.spectral, &kind.texture}) {
      for (const TableAxis& axis : table->axes()) quantities += fmt::format(" {}", feature_name(axis.quantity));
    }
    facts[kind.name] = fmt::format("{:.3f} cloud before a pixel is looked at; over{}", kind.cloud_prior, quantities);
  }
  return facts;
}

Facts facts_of_map(const std::filesystem::path& file) {
  const MaskOrigin origin = read_mask_origin(file);
  return {{"kind", "map"},         {"scene", origin.scene}, {"view", to_string(origin.view)}, {"method", origin.method},
          {"model", origin.model}, {"grid", origin.grid},   {"threshold", origin.threshold}};
}

/// The kinds are tried in turn: content decides, not the name.
Facts facts_of_file(const std::filesystem::path& file, View view) {
  if (is_product(file)) return facts_of_scene(file, view);
  if (!std::filesystem::is_regular_file(file))
    throw Error(file.string() + ": no such file; name a scene, mask, model or table file");
  if (file.extension() == ".tif") return facts_of_map(file);
  std::string reasons;
  using Find = std::function<Facts(const std::filesystem::path&)>;
  const auto scene = [view](const std::filesystem::path& path) { return facts_of_scene(path, view); };
  const std::vector<std::pair<const char*, Find>> kinds = {
      {"scene", scene}, {"mask", facts_of_mask}, {"model", facts_of_model}, {"table file", facts_of_tables}};
  for (const auto& [kind, find] : kinds) {
    try {
      return find(file);
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
    json_.add_to(*command);
    command->footer("Examples:\n  cloudmask info\n  cloudmask info --set device=cpu\n  cloudmask info cloudModel.h5");
    return command;
  }

  int run(const GlobalOptions&) override {
    const Config config = arguments_.load();
    std::string text;
    Summary summary;
    if (files_.empty()) {
      summary.more["machine"] = facts_of_this_machine(config);
      text = text_of(summary.more["machine"]);
    } else {
      summary.more["contents"] = Json::array();
    }
    for (const std::string& file : files_) {
      try {
        const std::filesystem::path path = expand_home(file);
        Facts facts = facts_of_file(path.has_filename() ? path : path.parent_path(), config.data.view);
        text += line("file", file) + text_of(facts);
        summary.files.emplace_back(file);
        summary.more["contents"].push_back(std::move(facts));
      } catch (const Error& error) {
        log_error(error.what());
        summary.failures.push_back({file, error.what()});
      }
    }
    json_.write(text, summary);
    return summary.failures.empty() ? 0 : 1;
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  std::vector<std::string> files_;
};

}  // namespace

std::unique_ptr<Command> make_info_command() { return std::make_unique<InfoCommand>(); }

}  // namespace cloudmask
