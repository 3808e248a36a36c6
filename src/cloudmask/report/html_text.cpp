#include "cloudmask/report/html_text.h"

#include <fmt/format.h>

#include <cmath>

#include "cloudmask/report/progress.h"
#include "cloudmask/report/record_json.h"

namespace cloudmask {
namespace {

const char* const kNone = "\u2013";

std::string valid_utf8(std::string_view text) {
  return Json::parse(dump_line(Json(std::string(text)))).get<std::string>();
}

std::string row(const std::vector<std::string>& cells, const char* scope) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool heads = i == 0 || std::string_view(scope) == "col";
    html += heads ? fmt::format("<th scope=\"{}\">{}</th>", scope, escape_html(cells[i]))
                  : fmt::format("<td>{}</td>", escape_html(cells[i]));
  }
  return html + "</tr>\n";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string html;
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
  }
  return html;
}

std::string fixed(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : kNone;
}

std::string percent(double share, int digits) {
  return std::isfinite(share) ? fmt::format("{:.{}f}\u00a0%", share * 100.0, digits) : kNone;
}

std::string seconds_text(double seconds) {
  if (!std::isfinite(seconds)) return kNone;
  return seconds < 100.0 ? fmt::format("{:.3g}\u00a0s", seconds) : describe_duration(seconds);
}

std::string bytes_text(double bytes) {
  if (!(bytes > 0)) return kNone;
  return bytes < 1e9 ? fmt::format("{:.0f}\u00a0MB", bytes / 1e6) : fmt::format("{:.2f}\u00a0GB", bytes / 1e9);
}

std::string count_text(double count) {
  if (!std::isfinite(count)) return kNone;
  const std::string digits = fmt::format("{:.0f}", count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-') text += "\u202f";
    text += digits[i];
  }
  return text;
}

std::string scrollable(const std::string& name, const std::string& table) {
  return fmt::format("<div class=\"scroll\" role=\"group\" aria-label=\"{}\" tabindex=\"0\">{}</div>\n",
                     escape_html(name), table);
}

std::string to_html(const HtmlTable& table) {
  const bool sortable = !table.head.empty() && table.rows.size() > 1;
  const char* css_class = table.text_columns ? " class=\"text\"" : sortable ? " class=\"sortable\"" : "";
  std::string html = fmt::format("<table{}>\n<caption>{}</caption>\n", css_class, escape_html(table.caption));
  if (!table.head.empty()) html += "<thead>" + row(table.head, "col") + "</thead>\n";
  html += "<tbody>\n";
  for (const auto& cells : table.rows) html += row(cells, "row");
  html += "</tbody>\n";
  if (!table.foot.empty()) html += "<tfoot>" + row(table.foot, "row") + "</tfoot>\n";
  return scrollable(table.caption, html + "</table>");
}

}  // namespace cloudmask
