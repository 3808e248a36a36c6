#include "cloudmask/report/html_report.h"

#include <fmt/format.h>

#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/report/evaluation_json.h"
#include "cloudmask/report/gallery.h"
#include "cloudmask/report/html_sections.h"
#include "cloudmask/report/html_style.h"
#include "cloudmask/report/html_text.h"
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
    history.evaluation = to_json(evaluate(options));
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    const std::string message = std::string("the report has no scores: ") + error.what();
    // Training alone has none to show, and nobody asked for them.
    history.inference_end.is_object() ? log_warning(message) : log_detail(message);
  }
}

std::string navigation() {
  std::string html = "<nav aria-label=\"Sections\"><ul>\n";
  for (const char* name : {"Summary", "Training", "Scores", "Scenes", "Inference", "Machine", "Configuration"}) {
    std::string id = name == std::string("Scenes") ? "gallery" : name;
    id[0] = static_cast<char>(std::tolower(id[0]));
    html += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, name);
  }
  return html + "</ul></nav>\n";
}

std::string head(const RunHistory& history, const fs::path& run_dir) {
  const std::string name = (fs::absolute(run_dir) / "").lexically_normal().parent_path().filename().string();
  const std::string title = escape_html("Cloud mask report: " + (name.empty() ? run_dir.string() : name));
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
      "<style>{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n<p class=\"under\">{2}</p>\n{3}</header>\n<main>\n",
      title, kReportStyle,
      escape_html(fmt::format("cloudmask {} · {} · started {}", text_in(history.run_start, "version"),
                              text_in(history.machine, "device"), text_in(history.run_start, "time"))),
      navigation());
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
  std::error_code unreadable;
  if (!history.evaluation.is_object() && fs::exists(places.scenes, unreadable)) evaluate_anew(history, places);

  const std::string html = head(history, run_dir) + summary_section(history) + training_section(history) +
                           score_section(history) + gallery_section(history, places) + inference_section(history) +
                           machine_section(history) + configuration_section(history) +
                           "</main>\n<footer><p>Made by cloudmask. All times are wall times in seconds; all of this "
                           "page is in this file.</p></footer>\n</body>\n</html>\n";
  fs::path file = run_dir / "report.html";
  write_file_atomically(file, html);
  return file;
}

}  // namespace cloudmask
