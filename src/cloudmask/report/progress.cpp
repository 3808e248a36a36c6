#include "cloudmask/report/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <utility>

namespace cloudmask {
namespace {

constexpr double kPlainInterval_s = 10.0;
constexpr double kTerminalInterval_s = 0.1;

}  // namespace

Progress::Progress(std::ostream& out, Style style, std::function<double()> now_s)
    : out_(out), style_(style), now_s_(std::move(now_s)), last_shown_s_(-std::numeric_limits<double>::infinity()) {
  if (style_ == Style::kPlain) last_shown_s_ = now_s_();  // short work needs no line
}

double Progress::steps_per_s(const ProgressRecord& progress) {
  const double now_s = now_s_();
  const std::string phase = fmt::format("{} {}", progress.activity, progress.epoch);
  if (phase != phase_) {
    phase_ = phase;
    phase_start_s_ = now_s;
    phase_start_done_ = progress.done;
  }
  const double elapsed_s = now_s - phase_start_s_;
  return elapsed_s > 0 ? static_cast<double>(progress.done - phase_start_done_) / elapsed_s : 0.0;
}

void Progress::show(const ProgressRecord& progress) {
  if (style_ == Style::kNone) return;
  const double rate = steps_per_s(progress);
  if (!due()) return;

  std::string line = progress.activity;
  const bool in_training = progress.epoch > 0;
  if (in_training) line += fmt::format("  epoch {}/{}", progress.epoch, progress.epochs);
  line += fmt::format("  {} {}/{}", in_training ? "step" : "scene", progress.done, progress.total);
  if (progress.items_per_s > 0) {
    line += fmt::format("  {:.3g} {}/s", progress.items_per_s, in_training ? "patches" : "scenes");
  }
  if (in_training && std::isfinite(progress.loss)) line += fmt::format("  loss {:.4f}", progress.loss);
  if (rate > 0) {
    const std::int64_t epochs_after = in_training ? std::max(0, progress.epochs - progress.epoch) : 0;
    const std::int64_t steps = progress.total - progress.done + epochs_after * progress.total;
    line += fmt::format("  {} left", describe_duration(static_cast<double>(steps) / rate));
  }
  put(line);
}

void Progress::show_line(const std::string& line) {
  if (due()) put(line);
}

bool Progress::due() {
  if (style_ == Style::kNone) return false;
  const double now_s = now_s_();
  if (now_s - last_shown_s_ < (style_ == Style::kTerminal ? kTerminalInterval_s : kPlainInterval_s)) return false;
  last_shown_s_ = now_s;
  return true;
}

void Progress::put(const std::string& line) {
  if (style_ == Style::kTerminal) {
    out_ << '\r' << line << "\x1b[K" << std::flush;
    line_open_ = true;
  } else {
    out_ << line << std::endl;
  }
}

void Progress::keep(const std::string& line) {
  if (style_ == Style::kNone) return;
  clear();
  out_ << line << std::endl;
}

void Progress::clear() {
  if (line_open_) out_ << "\r\x1b[K" << std::flush;
  line_open_ = false;
}

Progress::Style progress_style(bool quiet) {
  if (quiet) return Progress::Style::kNone;
  return isatty(STDERR_FILENO) == 1 ? Progress::Style::kTerminal : Progress::Style::kPlain;
}

std::string describe_epoch(const EpochRecord& epoch, int epochs) {
  std::string line = fmt::format("epoch {}/{}  loss {:.4f}  accuracy {:.4f}", epoch.epoch, epochs, epoch.train_loss,
                                 epoch.train_accuracy);
  if (std::isfinite(epoch.test_loss)) {
    line += fmt::format("  test loss {:.4f}  test accuracy {:.4f}", epoch.test_loss, epoch.test_accuracy);
  }
  return line + fmt::format("  {:.1f} s", epoch.time_s);
}

std::string describe_scene(const SceneRecord& scene) {
  if (!scene.error.empty()) return fmt::format("{}  failed: {}", scene.name, scene.error);
  if (scene.skipped) return fmt::format("{}  mask is there already", scene.name);
  return fmt::format("{}  {:.0f} % cloud  {:.2f} s", scene.name, scene.cloud_fraction * 100.0,
                     scene.read_s + scene.compute_s + scene.write_s);
}

std::string describe_duration(double seconds) {
  if (seconds < 99.5) return fmt::format("{:.0f} s", seconds);
  const auto minutes = static_cast<std::int64_t>(std::llround(seconds / 60.0));
  if (minutes < 100) return fmt::format("{} min", minutes);
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

}  // namespace cloudmask
