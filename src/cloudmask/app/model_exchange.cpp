#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/version.h"
#include "cloudmask/model/model_file.h"

// `export` and `import`: the same copy with other names for its two ends.
namespace cloudmask {
namespace {

void copy_model(const std::string& from, const std::string& to) {
  const std::filesystem::path target = expand_home(to);
  if (target.extension() == ".keras") {
    throw UsageError("cannot write " + target.string() +
                     ": models are written in Keras' HDF5 format, whose files end in .h5; name it so");
  }
  ModelContent content = read_model(expand_home(from));
  if (content.notes.written_by.empty()) content.notes.written_by = std::string("cloudmask ") + kVersion;
  write_model(target, content);
  log_info("model written: " + target.string());
}

class ExportCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("export", "Write a trained network for another program");
    command->add_option("--model", model_, "Network to read")->type_name("FILE")->required();
    command->add_option("--to", format_, "Format to write")->check(CLI::IsMember({"keras"}))->required();
    command->add_option("FILE", file_, "File to write; .h5 for keras")->required();
    arguments_.add_set(*command);
    command->footer("Examples:\n  cloudmask export --model cloudModel.h5 --to keras for_tensorflow.h5");
    return command;
  }

  int run(const GlobalOptions&) override {
    arguments_.load();
    copy_model(model_, file_);
    return 0;
  }

 private:
  ConfigArguments arguments_;
  std::string model_;
  std::string format_;
  std::string file_;
};

class ImportCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("import", "Take over a network that another program trained");
    command->add_option("--from", format_, "Format to read: keras takes .h5 of Keras 2 and 3, and .keras")
        ->check(CLI::IsMember({"keras"}))
        ->required();
    command->add_option("FILE", file_, "File to read")->required();
    command->add_option("--model", model_, "Network to write")->type_name("FILE")->required();
    arguments_.add_set(*command);
    command->footer("Examples:\n  cloudmask import --from keras reference.keras --model cloudModel.h5");
    return command;
  }

  int run(const GlobalOptions&) override {
    arguments_.load();
    copy_model(file_, model_);
    return 0;
  }

 private:
  ConfigArguments arguments_;
  std::string format_;
  std::string file_;
  std::string model_;
};

}  // namespace

std::unique_ptr<Command> make_export_command() { return std::make_unique<ExportCommand>(); }
std::unique_ptr<Command> make_import_command() { return std::make_unique<ImportCommand>(); }

}  // namespace cloudmask
