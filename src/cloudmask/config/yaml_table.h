#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

namespace cloudmask {

/// The text of a table (optics, coefficients) that `file` holds. Throws Error naming the file when it is no YAML.
YAML::Node load_table(const std::string& text, const std::string& file);

/// A list of numbers; empty when it is none.
std::vector<double> numbers_in(const YAML::Node& node);

}  // namespace cloudmask
