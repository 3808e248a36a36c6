#include "cloudmask/report/html_page.h"

#include <fmt/format.h>

#include "cloudmask/report/html_text.h"
#include "cloudmask/report/page_script.h"
#include "cloudmask/report/page_style.h"

namespace cloudmask {
namespace {

/// The page loads nothing from anywhere, whatever a scene's name or a log holds.
constexpr const char* kPolicy =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

}  // namespace

std::string to_html(const HtmlPage& page) {
  std::string navigation = "<nav aria-label=\"Sections\"><ul>\n";
  for (const auto& [id, name] : page.sections) {
    navigation += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", escape_html(id), escape_html(name));
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{6}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
      "<style>\n{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n<p class=\"under\">{2}</p>\n{3}</ul></nav>\n"
      "</header>\n<main>\n{4}</main>\n<footer><p>{5}</p></footer>\n<script>\n{7}</script>\n</body>\n</html>\n",
      escape_html(page.title), kPageStyle, escape_html(page.under), navigation, page.body, escape_html(page.foot),
      kPolicy, kPageScript);
}

}  // namespace cloudmask
