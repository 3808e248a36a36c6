#include "cloudmask/report/quicklook.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// A scene and its picture take about 150 MB.
constexpr int kMaxScenesAtOnce = 8;

class QuicklookCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("quicklook", "Draw the edges of cloud over pictures of the scenes");
    command->add_option("INPUT", inputs_, "Scene files, .SEN3 products, or folders that are searched")->required();
    command->add_option("--masks", masks_, "Folder of their masks")->type_name("DIR")->required();
    command->add_option("--output", output_, "Folder of the pictures")->type_name("DIR")->required();
    arguments_.add_set(*command);
    json_.add_to(*command);
    command->footer(
        "Pictures are <output>/<scene file name>.png, one pixel for each of the scene. By day 1.61, 0.865 and 0.659 "
        "um\n"
        "are red, green and blue: water cloud white, ice cloud and snow cyan, plants green. By night red is S9 - S8,\n"
        "green S8 - S7, blue S8: low cloud pale green. Edges are yellow, missing pixels brown.\n"
        "Those of the oblique view (--set view=oblique) are <output>/<scene file name>.oblique.png.\n"
        "Examples:\n"
        "  cloudmask quicklook --masks output --output pictures data/ssts\n"
        "  cloudmask quicklook --masks output --output pictures --set threshold=0.3 S3A_one.hdf");
    return command;
  }

  int run(const GlobalOptions&) override {
    const Config config = arguments_.load();
    const View view = config.data.view;
    const std::vector<fs::path> scenes = scenes_of_inputs(inputs_);
    const fs::path masks = expand_home(masks_);
    const fs::path output = expand_home(output_);
    require_writable_folder(output);
    const auto picture_of = [&](const fs::path& scene) { return output / (result_name(scene, view) + ".png"); };
    const auto draw = [&](std::size_t i) {
      const Scene scene = read_scene(scenes[i], {.view = view});
      const MaskContent content = read_mask(find_mask(masks, scenes[i], view), scene);
      const double threshold = config.inference.threshold.value_or(content.origin.threshold);
      const Image picture = outlined(scene, content.mask, threshold);
      write_file_atomically(picture_of(scenes[i]), encode_png(picture));
    };
    const auto faults = try_each(scenes.size(), draw, std::min(available_threads(), kMaxScenesAtOnce));
    Summary summary;
    for (std::size_t i = 0; i < scenes.size(); ++i) {
      if (faults[i].empty()) {
        summary.files.push_back(picture_of(scenes[i]));
      } else {
        log_error(faults[i]);
        summary.failures.push_back({scenes[i].string(), faults[i]});
      }
    }
    log_info(fmt::format("{} of {} pictures drawn: {}", summary.files.size(), scenes.size(), output.string()));
    json_.write("", summary);
    return summary.failures.empty() ? 0 : 1;
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  std::vector<std::string> inputs_;
  std::string masks_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> make_quicklook_command() { return std::make_unique<QuicklookCommand>(); }

}  // namespace cloudmask
