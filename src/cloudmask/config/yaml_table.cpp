#include "cloudmask/config/yaml_table.h"

#include <fmt/format.h>

#include "cloudmask/base/error.h"

namespace cloudmask {

YAML::Node load_table(const std::string& text, const std::string& file) {
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw Error(fmt::format("{}: is no YAML: {}", file, error.what()));
  }
}

std::vector<double> numbers_in(const YAML::Node& node) {
  try {
    return node.as<std::vector<double>>();
  } catch (const YAML::Exception&) {
    return {};
  }
}

}  // namespace cloudmask
