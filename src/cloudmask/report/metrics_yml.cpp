#include "cloudmask/report/metrics_yml.h"

#include <yaml-cpp/yaml.h>

#include <string>

#include "cloudmask/base/files.h"

namespace cloudmask {
namespace {

void emit(YAML::Emitter& yaml, const Json& value) {
  if (value.is_null()) {
    yaml << ".nan";
  } else if (value.is_string()) {
    yaml << YAML::DoubleQuoted << value.get<std::string>();
  } else {
    yaml << dump_line(value);
  }
}

/// The numbers and texts of `object`; what is nested is for run.jsonl.
void emit_section(YAML::Emitter& yaml, const std::string& name, const Json& object) {
  if (!object.is_object()) return;
  yaml << YAML::Key << name << YAML::Value << YAML::BeginMap;
  for (const auto& [key, value] : object.items()) {
    if (key == "event" || key == "time" || value.is_structured()) continue;
    yaml << YAML::Key << key << YAML::Value;
    emit(yaml, value);
  }
  yaml << YAML::EndMap;
}

}  // namespace

void write_metrics_yml(const std::filesystem::path& run_dir, const RunHistory& history) {
  YAML::Emitter yaml;
  yaml << YAML::BeginMap;
  yaml << YAML::Key << "status" << YAML::Value << YAML::DoubleQuoted
       << (history.status.empty() ? "running" : history.status);
  yaml << YAML::Key << "version" << YAML::Value << YAML::DoubleQuoted << text_in(history.run_start, "version");
  emit_section(yaml, "machine", history.machine);
  emit_section(yaml, "training", history.training_end);
  emit_section(yaml, "inference", history.inference_end);
  for (const char* comparison : {"against_bayes", "against_truth", "labels_against_truth"}) {
    emit_section(yaml, comparison, object_in(object_in(history.evaluation, comparison), "all"));
    for (const std::string part : {"day", "night", "land", "sea"}) {
      const Json& scores = object_in(object_in(history.evaluation, comparison), part);
      if (number_in(scores, "pixels") > 0) emit_section(yaml, comparison + ("_" + part), scores);
    }
  }
  yaml << YAML::EndMap;
  write_file_atomically(run_dir / "metrics.yml", std::string(yaml.c_str()) + "\n");
}

}  // namespace cloudmask
