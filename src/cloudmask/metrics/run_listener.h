#pragma once

#include "cloudmask/metrics/run_record.h"

namespace cloudmask {

/// Progress inside an epoch or an inference.
struct ProgressRecord {
  std::string activity;    ///< "training", "evaluating", "inference"
  int epoch = 0;           ///< 0 outside training
  int epochs = 0;          ///< configured
  std::int64_t done = 0;   ///< steps or scenes
  std::int64_t total = 0;  ///< of them
  double items_per_s = 0;  ///< patches or scenes
  double loss = 0;         ///< NaN outside training
};

/// Hears what happens during a run, in order, on rank 0, from the thread that runs it. The report layer implements it
/// (progress line, run.jsonl, MLPerf log); training and inference know only this.
class RunListener {
 public:
  virtual ~RunListener() = default;
  virtual void on_training_start(const MachineRecord&, const TrainingRecord&) {}    ///< resumed epochs are in it
  virtual void on_progress(const ProgressRecord&) {}                                ///< after a step or a scene
  virtual void on_epoch(const EpochRecord&) {}                                      ///< evaluated
  virtual void on_training_end(const TrainingRecord&) {}                            ///< after the model is written
  virtual void on_inference_start(const MachineRecord&, const InferenceRecord&) {}  ///< before the first scene
  virtual void on_scene(const SceneRecord&) {}                                      ///< masked, skipped or failed
  virtual void on_inference_end(const InferenceRecord&) {}                          ///< after the last scene
};

}  // namespace cloudmask
