#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/python/bindings.h"
#include "cloudmask/python/caller.h"
#include "cloudmask/report/evaluation.h"
#include "cloudmask/report/record_json.h"
#include "cloudmask/synthetic/synthetic_dataset.h"

namespace cloudmask::python {

namespace py = pybind11;
namespace fs = std::filesystem;

namespace {

// The JSON contract of docs/logs.md, as Python's own objects.
py::object to_python(const Json& json) { return py::module_::import("json").attr("loads")(dump_line(json)); }

Json with_event(const char* event, const Json& record) {
  Json json = {{"event", event}};
  json.update(record);
  return json;
}

Json to_json(const ProgressRecord& progress) {
  return {{"activity", progress.activity},
          {"epoch", progress.epoch},
          {"epochs", progress.epochs},
          {"done", progress.done},
          {"total", progress.total},
          {"items_per_s", number_or_null(progress.items_per_s)},
          {"loss", number_or_null(progress.loss)}};
}

/// Tells a Python function, which may be None, what happens.
class CallbackListener final : public RunListener {
 public:
  CallbackListener(Caller& caller, const py::object& callback) : caller_(caller), callback_(callback) {}
  void on_progress(const ProgressRecord& progress) override { tell("progress", to_json(progress)); }
  void on_epoch(const EpochRecord& epoch) override { tell("epoch", cloudmask::to_json(epoch)); }
  void on_scene(const SceneRecord& scene) override { tell("scene", cloudmask::to_json(scene)); }

 private:
  void tell(const char* event, const Json& record) {
    if (callback_.is_none()) return;  // only compared
    caller_.call([&] { callback_(to_python(with_event(event, record))); });
  }

  Caller& caller_;
  const py::object& callback_;
};

// Python works in one process; the program starts several.
void require_one_process(const Config& config) {
  if (config.machine.gpu <= 1 && config.machine.nodes <= 1) return;
  throw UsageError(
      fmt::format("gpu: {}, nodes: {} ask for several processes; Python works in one, the program "
                  "`cloudmask` starts them",
                  config.machine.gpu, config.machine.nodes));
}

py::object train_network(const Config& config, bool resume, const py::object& on_progress) {
  require_one_process(config);
  static std::atomic_flag busy;  // trainings share LibTorch's random numbers; a callback may ask for one, too
  if (busy.test_and_set())
    throw UsageError("a training is under way in this process; wait for its end, or use another process");
  const struct Leave {
    ~Leave() { busy.clear(); }
  } at_end;
  const TrainingRecord record = without_lock([&](Caller& caller) {
    scenes_of_key("train_dir", config.data.train_dir);
    require_writable_model(config.report.model_file);
    CallbackListener listener(caller, on_progress);
    SingleProcess alone;
    return train(config, resume, listener, alone);
  });
  Json json = cloudmask::to_json(record);
  json["epochs"] = Json::array();
  for (const EpochRecord& epoch : record.epochs) json["epochs"].push_back(cloudmask::to_json(epoch));
  return to_python(json);
}

py::object infer_masks(const Config& config, const std::optional<std::vector<fs::path>>& inputs,
                       const py::object& on_progress) {
  require_one_process(config);
  const InferenceRecord record = without_lock([&](Caller& caller) {
    const auto scenes = inputs ? find_scenes(*inputs) : scenes_of_key("inference_dir", config.data.inference_dir);
    CallbackListener listener(caller, on_progress);
    SingleProcess alone;
    InferenceRecord made = infer(config, config.report.model_file, config.report.output_dir, scenes, listener, alone);
    for (const SceneRecord& scene : made.scenes) {
      if (!scene.error.empty()) log_error("no mask: " + scene.error);
    }
    return made;
  });
  Json scenes = Json::array();
  for (const SceneRecord& scene : record.scenes) scenes.push_back(cloudmask::to_json(scene));
  return to_python(scenes);
}

void learn(const fs::path& tables_file, const fs::path& tests_file, const Config& config,
           const std::vector<fs::path>& inputs, const py::object& on_progress) {
  without_lock([&](Caller& caller) {
    CallbackListener listener(caller, on_progress);
    learn_tables(tables_file, tests_file, config, find_scenes(inputs), listener);
  });
}

py::object evaluate_masks(const fs::path& masks, const fs::path& scenes, const std::string& against,
                          std::optional<double> threshold, const std::string& view) {
  EvaluationOptions options{
      .masks = masks, .scenes = scenes, .threshold = threshold, .model = {}, .view = view_named(view)};
  if (against == "truth") options.against = Reference::kTruth;
  if (against == "summary") options.against = Reference::kSummary;
  const std::string json = without_lock([&](Caller&) { return evaluation_json(evaluate(options)); });
  return py::module_::import("json").attr("loads")(json);
}

std::vector<fs::path> synthesise(const fs::path& folder, const DatasetOptions& options) {
  return without_lock([&](Caller&) { return write_synthetic_dataset(folder, options); });
}

Config load(const std::optional<fs::path>& file, const std::vector<std::string>& settings) {
  constexpr const char* kGivenBy = "setting";
  return file ? load_config(*file, settings, kGivenBy) : default_config(settings, kGivenBy);
}

}  // namespace

void add_runs(py::module_& module) {
  py::class_<Config>(module, "Config").def("to_yaml", &to_yaml);
  py::class_<DatasetOptions>(module, "DatasetOptions")
      .def(py::init<>())
      .def_readwrite("scenes", &DatasetOptions::scenes)
      .def_readwrite("seed", &DatasetOptions::seed)
      .def_readwrite("night_fraction", &DatasetOptions::night_fraction)
      .def_readwrite("height_px", &DatasetOptions::height_px)
      .def_readwrite("width_px", &DatasetOptions::width_px)
      .def_readwrite("reflectance_500m", &DatasetOptions::reflectance_500m);
  module.def("load_config", &load, py::arg("file"), py::arg("settings"));
  module.def("train", &train_network, py::arg("config"), py::arg("resume"), py::arg("on_progress"));
  module.def("infer", &infer_masks, py::arg("config"), py::arg("inputs"), py::arg("on_progress"));
  module.def("learn_tables", &learn, py::arg("tables_file"), py::arg("tests_file"), py::arg("config"),
             py::arg("inputs"), py::arg("on_progress"));
  module.def("evaluate", &evaluate_masks, py::arg("masks"), py::arg("scenes"), py::arg("against"), py::arg("threshold"),
             py::arg("view"));
  module.def("synth", &synthesise, py::arg("folder"), py::arg("options"));
}

}  // namespace cloudmask::python
