#include <fmt/format.h>

#include "cloudmask/report/html_sections.h"
#include "cloudmask/report/html_text.h"

namespace cloudmask {
namespace {

std::string scene_state(const Json& scene) {
  const std::string error = text_in(scene, "error");
  if (!error.empty()) return "failed: " + error;
  return is_true(scene, "skipped") ? "its mask was there" : "masked";
}

/// All fields of an object with plain values.
HtmlTable field_table(const std::string& caption, const Json& object) {
  HtmlTable table;
  table.caption = caption;
  table.text_columns = true;
  for (const auto& [key, value] : object.items()) {
    if (value.is_structured()) continue;
    table.rows.push_back({key, value.is_string() ? value.get<std::string>() : dump_line(value)});
  }
  return table;
}

}  // namespace

std::string inference_section(const RunHistory& history) {
  std::string html = "<section aria-labelledby=\"inference\">\n<h2 id=\"inference\">Inference</h2>\n";
  if (history.scenes.empty()) return html + "<p>No scene has been masked in this run.</p>\n</section>\n";
  const Json& end = history.inference_end;
  if (end.is_object()) {
    html += fmt::format(
        "<p>{} scenes masked, {} skipped, {} failed in {}; largest memory {}. Reading, computing and writing overlap, "
        "so their sum may exceed the time that passed.</p>\n",
        escape_html(count_text(number_in(end, "masked"))), escape_html(count_text(number_in(end, "skipped"))),
        escape_html(count_text(number_in(end, "failed"))), escape_html(seconds_text(number_in(end, "time_s"))),
        escape_html(bytes_text(number_in(end, "peak_memory_bytes"))));
  }
  HtmlTable table;
  table.caption = "Seconds per scene";
  table.head = {"Scene", "Reading", "Computing", "Writing", "Cloud", "Result"};
  for (const Json& scene : history.scenes) {
    table.rows.push_back({text_in(scene, "name"), fixed(number_in(scene, "read_s"), 2),
                          fixed(number_in(scene, "compute_s"), 2), fixed(number_in(scene, "write_s"), 2),
                          percent(number_in(scene, "cloud_fraction"), 1), scene_state(scene)});
  }
  return html + to_html(table) + "</section>\n";
}

std::string machine_section(const RunHistory& history) {
  if (!history.machine.is_object()) return "";
  return "<section aria-labelledby=\"machine\">\n<h2 id=\"machine\">Machine</h2>\n" +
         to_html(field_table("What the run had, as measured", history.machine)) + "</section>\n";
}

std::string configuration_section(const RunHistory& history) {
  if (!history.config.is_object()) return "";
  return "<section aria-labelledby=\"configuration\">\n<h2 id=\"configuration\">Configuration</h2>\n"
         "<details><summary>All keys</summary>\n" +
         to_html(field_table("Keys of the configuration file", history.config)) + "</details>\n</section>\n";
}

}  // namespace cloudmask
