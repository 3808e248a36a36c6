#include "cloudmask/inference/mask_pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <limits>
#include <map>
#include <thread>

#include "cloudmask/base/bounded_queue.h"
#include "cloudmask/base/checksum.h"
#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/plain_errors.h"
#include "cloudmask/metrics/record_bytes.h"
#include "cloudmask/metrics/resources.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/scene/map_file.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

// One scene on its way through the three threads; `record.error` set means that nothing more is done with it.
struct Job {
  fs::path scene_file;
  Scene scene;
  Geolocation geolocation;  // of the scene
  Mask mask;
  SceneRecord record;
};

// False as well when one of the times cannot be told: to make a mask once more does no harm.
bool mask_is_newer(const fs::path& mask, const fs::path& scene, const PipelineOptions& options) {
  std::error_code fault;
  const auto written = fs::last_write_time(mask, fault);
  if (fault) return false;
  std::vector<fs::path> sources = scene_parts(scene, options.view);
  if (!options.method_file.empty()) sources.push_back(options.method_file);
  for (const fs::path& source : sources) {
    const auto changed = fs::last_write_time(source, fault);
    if (fault || changed >= written) return false;
  }
  return true;
}

bool mask_is_by(const fs::path& mask, const MaskOrigin& origin) {
  try {
    const MaskOrigin made_by = read_mask_origin(mask);
    constexpr double kRounding = 1e-6;  // of thresholds in files
    return made_by.view == origin.view && made_by.method == origin.method && made_by.model == origin.model &&
           made_by.grid == origin.grid && std::abs(made_by.threshold - origin.threshold) < kRounding;
  } catch (const Error&) {
    return false;  // torn or foreign
  }
}

double cloud_fraction(const Mask& mask, double threshold) {
  std::size_t known = 0;
  std::size_t cloud = 0;
  for (const float probability : mask.cloud_probability) {
    if (std::isnan(probability)) continue;
    ++known;
    if (probability >= threshold) ++cloud;
  }
  return known > 0 ? static_cast<double>(cloud) / static_cast<double>(known) : std::numeric_limits<double>::quiet_NaN();
}

// Masks are named after scene files: two of one name would overwrite each other.
void require_distinct_names(const std::vector<fs::path>& scenes) {
  std::map<fs::path, fs::path> seen;
  for (const fs::path& scene : scenes) {
    const auto [other, is_new] = seen.emplace(scene.filename(), scene);
    if (!is_new) {
      throw Error(
          fmt::format("{} and {} have the same name, and so would their masks; give them separate output folders",
                      other->second.string(), scene.string()));
    }
  }
}

// Runs one stage of a job: its time, and its fault if it has one.
template <typename Work>
void run_stage(Job& job, double& time_s, Work work) {
  if (job.record.skipped || !job.record.error.empty()) return;
  Stopwatch watch;
  try {
    work();
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {  // names the scene itself
    job.record.error = error.what();
  } catch (const std::exception& error) {
    job.record.error = fmt::format("{}: {}", job.scene_file.string(), plain_message(error));
  }
  time_s = watch.elapsed_s();
}

// Closes queues when a thread's work ends, by an exception as well: the threads beside it then finish what they have.
class ClosedAtEnd {
 public:
  explicit ClosedAtEnd(std::vector<BoundedQueue<Job>*> queues) : queues_(std::move(queues)) {}
  ~ClosedAtEnd() {
    for (BoundedQueue<Job>* queue : queues_) queue->close();
  }
  ClosedAtEnd(const ClosedAtEnd&) = delete;
  ClosedAtEnd& operator=(const ClosedAtEnd&) = delete;

 private:
  std::vector<BoundedQueue<Job>*> queues_;
};

// What rank 0's listener hears: the scenes of all ranks, as they are done.
class SceneNews {
 public:
  SceneNews(std::size_t total, RunListener& listener, Communicator& ranks)
      : total_(total), listener_(listener), ranks_(ranks) {}

  void tell(const SceneRecord& scene) { ranks_.tell_first(to_bytes({scene})); }

  void pass_on() {
    for (const std::string& text : ranks_.told()) {
      for (const SceneRecord& scene : scenes_from_bytes(text)) hear(scene);
    }
  }

  // Once all ranks have told of all of theirs; the last of it may still be on its way.
  void pass_on_rest(std::size_t scenes) {
    for (pass_on(); ranks_.rank() == 0 && heard_ < scenes; pass_on()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

 private:
  void hear(const SceneRecord& scene) {
    listener_.on_scene(scene);
    ProgressRecord progress;
    progress.activity = "inference";
    progress.done = static_cast<std::int64_t>(++heard_);
    progress.total = static_cast<std::int64_t>(total_);
    progress.items_per_s = static_cast<double>(heard_) / watch_.elapsed_s();
    progress.loss = std::numeric_limits<double>::quiet_NaN();
    listener_.on_progress(progress);
  }

  std::size_t total_;
  RunListener& listener_;
  Communicator& ranks_;
  Stopwatch watch_;
  std::size_t heard_ = 0;
};

class Pipeline {
 public:
  Pipeline(Screener& screener, const PipelineOptions& options, Communicator& ranks)
      : screener_(screener), options_(options), ranks_(ranks) {}

  void read(const std::vector<fs::path>& scenes) {
    const ClosedAtEnd end({&read_});
    const auto next = [this] { return static_cast<std::size_t>(ranks_.take_ticket()); };
    for (std::size_t i = next(); i < scenes.size(); i = next()) {
      const fs::path& file = scenes[i];
      Job job;
      job.scene_file = file;
      job.record.name = file.filename().string();
      const auto read_job = [&] {
        const fs::path mask = mask_of(file);
        job.record.skipped =
            !options_.overwrite && mask_is_newer(mask, file, options_) && mask_is_by(mask, origin_of(file));
        if (job.record.skipped) return;
        ReadOptions read_options;
        read_options.want_label = false;
        read_options.want_truth = false;
        read_options.want_geolocation = options_.mask_format != MaskFormat::kHdf5;
        read_options.reflectance_grid = options_.reflectance_grid;
        read_options.view = options_.view;
        job.scene = read_scene(file, read_options);
        if (options_.mask_format == MaskFormat::kGeotiff) require_place(file.string(), job.scene.geolocation);
      };
      try {
        run_stage(job, job.record.read_s, read_job);
      } catch (const Interrupted&) {
        break;
      }
      if (interrupt_requested() || !read_.push(std::move(job))) break;
    }
  }

  void compute() {
    const ClosedAtEnd end({&read_, &computed_});
    while (auto job = read_.pop()) {
      run_stage(*job, job->record.compute_s, [&] {
        job->mask = screener_.screen(job->scene);
        job->record.cloud_fraction = cloud_fraction(job->mask, screener_.origin().threshold);
      });
      job->geolocation = std::move(job->scene.geolocation);
      job->scene = {};
      if (!computed_.push(std::move(*job))) break;
    }
  }

  // Runs in the calling thread, so that the listener hears everything from one thread.
  std::vector<SceneRecord> write(SceneNews& news) {
    const ClosedAtEnd end({&read_, &computed_});
    std::vector<SceneRecord> done;
    while (auto job = computed_.pop()) {
      run_stage(*job, job->record.write_s,
                [&] { write_mask(mask_of(job->scene_file), job->mask, origin_of(job->scene_file), job->geolocation); });
      news.tell(job->record);
      news.pass_on();
      done.push_back(std::move(job->record));
    }
    return done;
  }

 private:
  fs::path mask_of(const fs::path& scene) const {
    return mask_path(options_.output_dir, scene, options_.view, options_.mask_format);
  }

  MaskOrigin origin_of(const fs::path& scene) const {
    MaskOrigin origin = screener_.origin();
    origin.scene = scene.filename().string();
    origin.view = options_.view;
    if (options_.mask_format == MaskFormat::kGeotiff) origin.grid = options_.mask_grid;
    return origin;
  }

  Screener& screener_;
  const PipelineOptions& options_;
  Communicator& ranks_;
  BoundedQueue<Job> read_{1};
  BoundedQueue<Job> computed_{1};
};

// They are handed out by number.
void require_same_scenes(const std::vector<fs::path>& scenes, Communicator& ranks) {
  std::string names;
  for (const fs::path& scene : scenes) names += scene.filename().string() + '\n';
  const auto all = ranks.gather(std::to_string(checksum(names)));
  if (std::all_of(all.begin(), all.end(), [&](const std::string& other) { return other == all[0]; })) return;
  throw OnAllRanks<UsageError>("the processes were given different scenes to mask; name the same folder to all");
}

std::vector<SceneRecord> of_all_ranks(const std::vector<SceneRecord>& own, Communicator& ranks) {
  std::vector<SceneRecord> scenes;
  for (const std::string& bytes : ranks.gather(to_bytes(own))) {
    for (SceneRecord& scene : scenes_from_bytes(bytes)) scenes.push_back(std::move(scene));
  }
  return scenes;
}

}  // namespace

PipelineOptions pipeline_options(const Config& config, const fs::path& output_dir, const fs::path& method_file) {
  return {.output_dir = output_dir,
          .method_file = method_file,
          .reflectance_grid = config.data.reflectance_grid,
          .view = config.data.view,
          .mask_format = config.inference.mask_format,
          .mask_grid = config.inference.mask_grid,
          .overwrite = config.inference.overwrite};
}

InferenceRecord mask_scenes(Screener& screener, const std::vector<fs::path>& scenes, const PipelineOptions& options,
                            RunListener& listener, Communicator& ranks) {
  do_on_all(ranks, [&] {
    require_distinct_names(scenes);
    if (options.mask_format == MaskFormat::kGeotiff) require_map_grid(options.mask_grid);
    require_writable_folder(options.output_dir);
  });
  require_same_scenes(scenes, ranks);
  ranks.restart_tickets();
  Stopwatch watch;
  Pipeline pipeline(screener, options, ranks);
  SceneNews news(scenes.size(), listener, ranks);
  std::vector<SceneRecord> own;
  do_on_all(ranks, [&] {
    // Futures carry what a thread throws to the caller; where write() throws, they wait for their thread.
    auto reader = std::async(std::launch::async, [&] { pipeline.read(scenes); });
    auto computer = std::async(std::launch::async, [&] { pipeline.compute(); });
    own = pipeline.write(news);
    reader.get();
    computer.get();
  });
  InferenceRecord record;
  record.scenes = of_all_ranks(own, ranks);
  news.pass_on_rest(record.scenes.size());
  record.time_s = watch.elapsed_s();
  record.peak_memory_bytes = peak_memory_bytes();
  if (record.scenes.size() < scenes.size()) {
    throw OnAllRanks<Interrupted>(
        fmt::format("stopped after {} of {} scenes; call again to go on: masks that exist are kept",
                    record.scenes.size(), scenes.size()));
  }
  return record;
}

}  // namespace cloudmask
