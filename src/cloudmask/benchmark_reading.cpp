#include <algorithm>
#include <limits>
#include <utility>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/base/plain_errors.h"
#include "cloudmask/base/read_only_file.h"
#include "cloudmask/base/uninitialised.h"
#include "cloudmask/benchmark.h"
#include "cloudmask/metrics/resources.h"
#include "cloudmask/parallel/processors.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

constexpr double kDoesNotApply = std::numeric_limits<double>::quiet_NaN();

double median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

struct ScenePart {
  std::filesystem::path file;
  std::vector<ByteRange> ranges;
};

std::uint64_t bytes_of(const std::vector<ScenePart>& scenes) {
  std::uint64_t bytes = 0;
  for (const ScenePart& scene : scenes) {
    for (const ByteRange& range : scene.ranges) bytes += range.bytes;
  }
  return bytes;
}

// Into memory that is taken anew for each dataset, as whoever keeps the values must.
void pread_alone(const ScenePart& scene, int threads) {
  constexpr std::uint64_t kPieceBytes = std::uint64_t{256} << 10U;
  const ReadOnlyFile file(scene.file);
  std::vector<UninitialisedVector<char>> memory(scene.ranges.size());
  std::vector<std::pair<std::size_t, std::uint64_t>> pieces;
  for (std::size_t i = 0; i < scene.ranges.size(); ++i) {
    memory[i].resize(scene.ranges[i].bytes);
    for (std::uint64_t at = 0; at < scene.ranges[i].bytes; at += kPieceBytes) pieces.emplace_back(i, at);
  }
  const auto read = [&](std::size_t piece) {
    const auto [i, at] = pieces[piece];
    const std::uint64_t bytes = std::min(kPieceBytes, scene.ranges[i].bytes - at);
    file.read_at(scene.ranges[i].offset + at, &memory[i][at], bytes);
  };
  parallel_for(pieces.size(), read, threads);
}

BenchmarkRecord time_reading(const Config& config, const std::vector<std::filesystem::path>& files, bool cold) {
  ReadOptions options;
  options.want_truth = false;
  options.reflectance_grid = config.data.reflectance_grid;
  options.view = config.data.view;
  options.threads = config.machine.threads;
  std::vector<ScenePart> scenes;
  scenes.reserve(files.size());
  for (const auto& file : files) scenes.push_back({file, stored_ranges(file, options)});

  const auto time_s = [&](const auto& work) {
    if (cold) {
      for (const ScenePart& scene : scenes) ReadOnlyFile(scene.file).forget_pages();
    }
    const Stopwatch watch;
    for (const ScenePart& scene : scenes) {
      if (interrupt_requested()) throw Interrupted("the benchmark was stopped by a signal; it has no result");
      work(scene);
    }
    return watch.elapsed_s();
  };
  const auto read = [&](const ScenePart& scene) { read_scene(scene.file, options); };
  const auto pread = [&](const ScenePart& scene) { pread_alone(scene, options.threads); };
  time_s(read);
  time_s(pread);
  constexpr double kEnough_s = 10;
  constexpr std::size_t kLeast = 5;
  std::vector<double> read_s;
  std::vector<double> pread_s;
  const Stopwatch all;
  while (read_s.size() < kLeast || all.elapsed_s() < kEnough_s) {
    read_s.push_back(time_s(read));
    pread_s.push_back(time_s(pread));
  }

  BenchmarkRecord record;
  record.machine = describe_processors(config.machine.threads, SingleProcess());
  record.repetitions = static_cast<int>(read_s.size());
  record.ms_per_patch = record.direct_gflops = record.gflops = record.peak_gflops = record.share_of_peak =
      kDoesNotApply;
  const auto bytes = static_cast<double>(bytes_of(scenes));
  record.s_per_scene = median(read_s) / static_cast<double>(scenes.size());
  record.bytes_per_s = bytes / median(read_s);
  record.pread_bytes_per_s = bytes / median(pread_s);
  record.share_of_pread = record.bytes_per_s / record.pread_bytes_per_s;
  record.peak_memory_bytes = peak_memory_bytes();
  return record;
}

}  // namespace

BenchmarkRecord benchmark_reading(const Config& config, const std::vector<std::filesystem::path>& files, bool cold) {
  return with_plain_errors([&] { return time_reading(config, files, cold); });
}

}  // namespace cloudmask
