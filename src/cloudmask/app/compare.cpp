#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/report/comparison.h"

namespace cloudmask {
namespace {

Method parse_method(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
    throw UsageError("compare: got '" + word + "', takes NAME=MASKS, a name and a folder of masks");
  }
  return {word.substr(0, equals), expand_home(word.substr(equals + 1))};
}

class CompareCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("compare", "Compare methods by their masks of the same scenes");
    command->add_option("NAME=MASKS", methods_, "A method and the folder of its masks; repeatable")->required();
    command->add_option("--scenes", scenes_, "Folder of scenes, searched; or one scene")->type_name("DIR")->required();
    command->add_option("--against", against_, "truth: known in synthetic scenes; bayes: the labels")
        ->check(CLI::IsMember({"truth", "bayes"}))
        ->capture_default_str();
    json_.add_to(*command);
    command->add_option("--html", html_, "Write a page with charts and pictures there")->type_name("FILE");
    command->add_option("--gallery", gallery_scenes_, "Most scenes to show on the page")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    arguments_.add_set(*command);
    command->footer(
        "Every method needs a mask of every scene. Against truth the labels of the scenes take part as `labels`.\n"
        "Behind each score stands its 95 % interval, from drawing scenes anew; differences are paired.\n"
        "Examples:\n"
        "  cloudmask compare --scenes synthetic network=output threshold=screened\n"
        "  cloudmask compare --scenes data/ssts --against bayes one=run1 two=run2 --json scores.json\n"
        "  cloudmask compare --scenes synthetic network=output --html compared.html --gallery 10");
    return command;
  }

  int run(const GlobalOptions&) override {
    ComparisonOptions options;
    options.scenes = expand_home(scenes_);
    for (const std::string& word : methods_) options.methods.push_back(parse_method(word));
    options.against_truth = against_ == "truth";
    const Config config = arguments_.load();
    options.threshold = config.inference.threshold;
    options.view = config.data.view;
    const Comparison comparison = compare(options);
    json_.write(comparison_text(comparison), comparison_json(comparison));
    if (!html_.empty()) write_comparison_page(expand_home(html_), comparison, options, gallery_scenes_);
    return 0;
  }

 private:
  ConfigArguments arguments_;
  std::vector<std::string> methods_;
  std::string scenes_;
  std::string against_ = "truth";
  JsonOutput json_;
  std::string html_;
  int gallery_scenes_ = 6;
};

}  // namespace

std::unique_ptr<Command> make_compare_command() { return std::make_unique<CompareCommand>(); }

}  // namespace cloudmask
