#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "cloudmask/config/config_file.h"
#include "cloudmask/metrics/run_listener.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/scene/scene_reader.h"
#include "cloudmask/screening/screener.h"

/// The library's face: find the clouds of SLSTR scenes from C++ without a header of torch.
/// All functions throw cloudmask::Error (base/error.h) with a message for the user. They leave LibTorch's number of
/// threads, its random numbers and its determinism as they found them; `caching_allocator` stays
/// (tensor/cpu_allocator.h).
namespace cloudmask {

/// What this process, and those it works with, would run on under `config`. Throws UsageError for a device that is not
/// there.
MachineRecord describe_machine(const Config& config, const Communicator& ranks = SingleProcess());

/// GPUs that LibTorch can use here.
int gpus_here();

/// Trains the U-Net on config.data.train_dir and writes config.report.model_file, with a checkpoint beside it.
/// `resume` goes on from that checkpoint (Error when there is none or it belongs to another configuration). All `ranks`
/// call it; rank 0 alone writes and is heard by its listener.
TrainingRecord train(const Config& config, bool resume, RunListener& listener, Communicator& ranks);

/// Masks of all `scenes` into `output_dir`, `<scene file name>.h5` each. A scene that fails is recorded and the next
/// one follows; an existing mask newer than scene and model is kept unless config.inference.overwrite. All `ranks` call
/// it with the same scenes, which they share; all get the record, and rank 0 alone is heard by its listener.
InferenceRecord infer(const Config& config, const std::filesystem::path& model_file,
                      const std::filesystem::path& output_dir, const std::vector<std::filesystem::path>& scenes,
                      RunListener& listener, Communicator& ranks);

/// A trained model as a method for single scenes.
std::unique_ptr<Screener> load_network(const std::filesystem::path& model_file, const Config& config);

/// The methods without a network (docs/classical.md): threshold tests, Bayes' rule with tables.
enum class ScreeningMethod { kThreshold, kBayesian };

/// One of them for single scenes. `method_file`: a YAML file of threshold tests, empty for those compiled in; or an
/// HDF5 file of Bayesian tables, as learn_tables() makes it.
std::unique_ptr<Screener> make_screener(ScreeningMethod method, const std::filesystem::path& method_file,
                                        const Config& config);

/// infer() with a method without a network.
InferenceRecord screen(ScreeningMethod method, const std::filesystem::path& method_file, const Config& config,
                       const std::filesystem::path& output_dir, const std::vector<std::filesystem::path>& scenes,
                       RunListener& listener, Communicator& ranks);

/// Learns Bayesian tables from scenes without using a label, started from the threshold tests of `tests_file` (empty:
/// those compiled in), and writes them to `tables_file`. Of more than kMostLearningScenes scenes, so many evenly spread
/// ones are read. A scene that fails is a warning, unless all do.
void learn_tables(const std::filesystem::path& tables_file, const std::filesystem::path& tests_file,
                  const Config& config, const std::vector<std::filesystem::path>& scenes, RunListener& listener);
inline constexpr std::size_t kMostLearningScenes = 40;  ///< that learn_tables() reads

}  // namespace cloudmask
