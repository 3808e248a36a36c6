#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/version.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/model/onnx_file.h"

// `export` and `import`: read a model in one format, write it in another.
namespace cloudmask {
namespace {

namespace fs = std::filesystem;

struct Format {
  const char* name;
  const char* extension;  ///< of files that are written
  ModelContent (*read)(const fs::path&);
  void (*write)(const fs::path&, const ModelContent&);
};
const Format kKeras{"keras", ".h5", read_model, write_model};  // cloudmask's own as well
const Format kOnnx{"onnx", ".onnx", read_onnx_model, write_onnx_model};

const Format& format_called(const std::string& name) { return name == kOnnx.name ? kOnnx : kKeras; }
CLI::IsMember known_formats() { return CLI::IsMember({kKeras.name, kOnnx.name}); }

void copy_model(const Format& read_as, const fs::path& from, const Format& write_as, const fs::path& to) {
  std::error_code absent;
  if (fs::equivalent(from, to, absent)) {
    throw UsageError("cannot write " + to.string() + ": it is the file to read; name another");
  }
  const Format& other = &write_as == &kOnnx ? kKeras : kOnnx;
  if (to.extension() == ".keras" || to.extension() == other.extension) {
    throw UsageError("cannot write " + to.string() + ": files of this format end in " + write_as.extension +
                     "; name it so");
  }
  ModelContent content = read_as.read(from);
  if (content.notes.written_by.empty()) content.notes.written_by = std::string("cloudmask ") + kVersion;
  write_as.write(to, content);
  log_info("model written: " + to.string());
}

class ExportCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("export", "Write a trained network for another program");
    command->add_option("--model", model_, "Network to read")->type_name("FILE")->required();
    command->add_option("--to", format_, "Format to write")->check(known_formats())->required();
    command->add_option("FILE", file_, "File to write; .h5 for keras, .onnx for onnx")->required();
    arguments_.add_set(*command);
    json_.add_to(*command);
    command->footer(
        "Examples:\n"
        "  cloudmask export --model cloudModel.h5 --to keras for_tensorflow.h5\n"
        "  cloudmask export --model cloudModel.h5 --to onnx cloudModel.onnx\n"
        "The ONNX graph takes the channels of a scene file as they are; docs/exchange.md.");
    return command;
  }

  int run(const GlobalOptions&) override {
    arguments_.load();
    copy_model(kKeras, expand_home(model_), format_called(format_), expand_home(file_));
    json_.write("", Summary{.files = {expand_home(file_)}});
    return 0;
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  std::string model_;
  std::string format_;
  std::string file_;
};

class ImportCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("import", "Take over a network that another program trained");
    command
        ->add_option("--from", format_,
                     "Format to read: keras takes .h5 of Keras 2 and 3, and .keras; onnx takes exported files, and the "
                     "same network from PyTorch")
        ->check(known_formats())
        ->required();
    command->add_option("FILE", file_, "File to read")->required();
    command->add_option("--model", model_, "Network to write")->type_name("FILE")->required();
    arguments_.add_set(*command);
    json_.add_to(*command);
    command->footer(
        "Examples:\n"
        "  cloudmask import --from keras reference.keras --model cloudModel.h5\n"
        "  cloudmask import --from onnx network.onnx --model cloudModel.h5");
    return command;
  }

  int run(const GlobalOptions&) override {
    arguments_.load();
    copy_model(format_called(format_), expand_home(file_), kKeras, expand_home(model_));
    json_.write("", Summary{.files = {expand_home(model_)}});
    return 0;
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  std::string format_;
  std::string file_;
  std::string model_;
};

}  // namespace

std::unique_ptr<Command> make_export_command() { return std::make_unique<ExportCommand>(); }
std::unique_ptr<Command> make_import_command() { return std::make_unique<ImportCommand>(); }

}  // namespace cloudmask
