#include "cloudmask/report/html_figure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cloudmask/report/html_text.h"

namespace cloudmask {

std::string figure(const Image& image, const std::string& caption, const std::string& subject) {
  return fmt::format(
      "<figure><img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{}\"><figcaption>{}</figcaption>"
      "</figure>\n",
      data_url(encode_png(image)), image.width_px, image.height_px, escape_html(caption + " of scene " + subject),
      escape_html(caption));
}

std::string swatch(const Rgb& from, const Rgb& to, const std::string& meaning) {
  return fmt::format(
      "<li><span class=\"swatch{}\" style=\"background:linear-gradient(to right,rgb({}),rgb({}))\"></span> {}</li>\n",
      from == to ? "" : " ramp", fmt::join(from, ","), fmt::join(to, ","), escape_html(meaning));
}

std::string swatch(const Rgb& colour, const std::string& meaning) { return swatch(colour, colour, meaning); }

}  // namespace cloudmask
