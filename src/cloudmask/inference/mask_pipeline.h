#pragma once

#include <filesystem>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/run_listener.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/screening/screener.h"

namespace cloudmask {

struct PipelineOptions {
  std::filesystem::path output_dir;
  std::filesystem::path method_file;  ///< model, tests or tables: a mask older than it is made again; may be empty
  ReflectanceGrid reflectance_grid = ReflectanceGrid::kAuto;
  View view = View::kNadir;
  MaskFormat mask_format = MaskFormat::kHdf5;
  std::string mask_grid;  ///< of maps
  bool overwrite = false;
};

/// What `config` says of them.
PipelineOptions pipeline_options(const Config& config, const std::filesystem::path& output_dir,
                                 const std::filesystem::path& method_file);

/// Masks of many scenes with reading, computing and writing overlapped: one thread reads ahead, one writes, memory
/// holds four scenes at most. A mask that is there is kept when it is newer than scene and method file and its
/// attributes name the same view, method and file. A scene that fails is recorded and the next one follows. Several
/// ranks, with the same scenes, take one after the other as they become free; all get the record of all scenes, and
/// rank 0's listener hears of others' whenever it has finished one of its own, of the rest at the end. Throws
/// Interrupted when interrupt_requested() on any rank, after the masks under way have been written.
InferenceRecord mask_scenes(Screener& screener, const std::vector<std::filesystem::path>& scenes,
                            const PipelineOptions& options, RunListener& listener, Communicator& ranks);

}  // namespace cloudmask
