#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cloudmask {

/// A whole page in one file, in the report's style.
struct HtmlPage {
  std::string title;
  std::string under;                                          ///< the line below the title
  std::vector<std::pair<std::string, std::string>> sections;  ///< id and name of each, for the navigation
  std::string body;                                           ///< the <section>s
  std::string foot;                                           ///< one sentence
};

/// Title, line, names and foot are escaped.
std::string to_html(const HtmlPage& page);

}  // namespace cloudmask
