#include "cloudmask/scene/product.h"

#include <fmt/format.h>

#include <regex>

#include "cloudmask/base/error.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {
constexpr const char* kWantedType = "SL_1_RBT";
}  // namespace

std::optional<ProductName> parse_product_name(const std::string& name) {
  static const std::regex form(R"(S3[A-D]_([A-Z0-9]{2}_[0-9]_[A-Z0-9_]{6})_.*_([0-9]{3})(\.SEN3)?(\.zip|\.tar)?)");
  std::smatch parts;
  if (!std::regex_match(name, parts, form)) return std::nullopt;
  std::string type = parts[1];
  type.erase(type.find_last_not_of('_') + 1);
  return ProductName{type, std::stoi(parts[2])};
}

bool is_product(const fs::path& path) {
  const fs::path extension = path.extension();
  return extension == ".SEN3" || extension == ".zip" || extension == ".tar";
}

bool named_as_product(const fs::path& path) {
  const auto name = parse_product_name(path.filename().string());
  return is_product(path) && name && name->type == kWantedType;
}

std::string in_view(const std::string& name, View view) { return name + (view == View::kNadir ? 'n' : 'o'); }

void require_level_1(const fs::path& product, const std::string& name) {
  const auto parsed = parse_product_name(name);
  if (!parsed || parsed->type == kWantedType) return;
  throw Error(fmt::format("{}: is a product of type {}, wanted {} (Level 1: radiances and brightness temperatures)",
                          product.string(), parsed->type, kWantedType));
}

}  // namespace cloudmask
