#include "cloudmask/report/html_page.h"

#include <fmt/format.h>

#include "cloudmask/report/html_style.h"
#include "cloudmask/report/html_text.h"

namespace cloudmask {

std::string to_html(const HtmlPage& page) {
  std::string navigation = "<nav aria-label=\"Sections\"><ul>\n";
  for (const auto& [id, name] : page.sections) {
    navigation += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", escape_html(id), escape_html(name));
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
      "<style>{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n<p class=\"under\">{2}</p>\n{3}</ul></nav>\n"
      "</header>\n<main>\n{4}</main>\n<footer><p>{5}</p></footer>\n</body>\n</html>\n",
      escape_html(page.title), kReportStyle, escape_html(page.under), navigation, page.body, escape_html(page.foot));
}

}  // namespace cloudmask
