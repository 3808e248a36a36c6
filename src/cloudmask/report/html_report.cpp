#include "cloudmask/report/html_report.h"

#include <fmt/format.h>

#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/report/evaluation_json.h"
#include "cloudmask/report/gallery.h"
#include "cloudmask/report/html_page.h"
#include "cloudmask/report/html_sections.h"
#include "cloudmask/report/run_history.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// Truth says more than labels, but only synthetic scenes have it.
void evaluate_anew(RunHistory& history, const GalleryOptions& places) {
  try {
    EvaluationOptions options;
    options.masks = places.masks;
    options.scenes = places.scenes;
    options.model = places.model;
    options.view = places.view;
    history.evaluation = to_json(evaluate(options));
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    const std::string message = std::string("the report has no scores: ") + error.what();
    // Training alone has none to show, and nobody asked for them.
    history.inference_end.is_object() ? log_warning(message) : log_detail(message);
  }
}

std::string title_of(const fs::path& run_dir) {
  const std::string name = (fs::absolute(run_dir) / "").lexically_normal().parent_path().filename().string();
  return "Cloud mask report: " + (name.empty() ? run_dir.string() : name);
}

}  // namespace

fs::path write_html_report(const fs::path& run_dir, const HtmlReportOptions& options) {
  RunHistory history = read_run_history(run_dir);
  GalleryOptions places;
  places.masks = options.masks.empty() ? run_dir : options.masks;
  places.scenes = options.scenes.empty() ? fs::path(text_in(history.config, "inference_dir")) : options.scenes;
  // Masks that a user names count, whatever their age.
  if (options.masks.empty()) places.model = text_in(history.config, "model_file");
  places.max_scenes = options.gallery_scenes;
  places.view = options.view.value_or(view_named(text_in(history.config, "view")));
  if (view_named(text_in(history.evaluation, "view")) != places.view) history.evaluation = nullptr;
  std::error_code unreadable;
  if (!history.evaluation.is_object() && fs::exists(places.scenes, unreadable)) evaluate_anew(history, places);

  HtmlPage page;
  page.title = title_of(run_dir);
  page.under =
      fmt::format("cloudmask {} · {} · {} view · started {}", text_in(history.run_start, "version"),
                  text_in(history.machine, "device"), to_string(places.view), text_in(history.run_start, "time"));
  page.sections = {{"summary", "Summary"},
                   {"training", "Training"},
                   {"scores", "Scores"},
                   {"gallery", "Scenes"},
                   {"inference", "Inference"},
                   {"machine", "Machine"},
                   {"configuration", "Configuration"}};
  page.body = summary_section(history) + training_section(history) + score_section(history) +
              gallery_section(history, places) + inference_section(history) + machine_section(history) +
              configuration_section(history);
  page.foot = "Made by cloudmask. All times are wall times in seconds; all of this page is in this file.";
  fs::path file = run_dir / "report.html";
  write_file_atomically(file, to_html(page));
  return file;
}

}  // namespace cloudmask
