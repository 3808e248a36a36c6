#pragma once

#include <string>

#include "cloudmask/report/image.h"

namespace cloudmask {

/// A picture with its caption; `subject` (a scene's name) goes into the text for those who do not see it.
std::string figure(const Image& image, const std::string& caption, const std::string& subject);

/// An entry of a <ul class="legend">: a ramp between two colours, or one colour.
std::string swatch(const Rgb& from, const Rgb& to, const std::string& meaning);
std::string swatch(const Rgb& colour, const std::string& meaning);

}  // namespace cloudmask
