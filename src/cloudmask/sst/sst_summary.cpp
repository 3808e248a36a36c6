#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "cloudmask/sst/sst_run.h"

namespace cloudmask {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<const char*, const char*>, 3> kGroups = {{{"all", ""}, {"day", "N2"}, {"night", "N3"}}};

double share(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : std::nan("");
}

std::string kelvin(double value_k) { return std::isnan(value_k) ? "-" : fmt::format("{:.2f}", value_k); }
std::string percent(double value) { return std::isnan(value) ? "-" : fmt::format("{:.1f} %", 100 * value); }

std::string row(const char* name, const SstScore& score) {
  return fmt::format("  {:<10}{:>12}{:>9}{:>10}{:>13}{:>9}{:>9}{:>11}\n", name, score.clear_pixels,
                     percent(share(score.clear_pixels, score.pixels)),
                     percent(share(score.missed_pixels, score.clear_pixels)), kelvin(score.missed.mean_k()),
                     kelvin(score.error.mean_k()), kelvin(score.error.median_k()), kelvin(score.error.robust_sd_k()));
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json score_json(const SstScore& score) {
  if (score.pixels == 0) return nullptr;
  return {{"pixels", score.pixels},
          {"clear_pixels", score.clear_pixels},
          {"missed_pixels", score.missed_pixels},
          {"missed_share", number(share(score.missed_pixels, score.clear_pixels))},
          {"missed_difference_k", number(score.missed.mean_k())},
          {"bias_k", number(score.error.mean_k())},
          {"median_k", number(score.error.median_k())},
          {"robust_sd_k", number(score.error.robust_sd_k())},
          {"known_pixels", score.error.count()}};
}

}  // namespace

std::string sst_text(const SstRun& run) {
  std::string text = fmt::format(
      "{:<12}{:>12}{:>9}{:>10}{:>13}{:>9}{:>9}{:>11}\n{:<12}{:>12}{:>9}{:>10}{:>13}{:>9}{:>9}"
      "{:>11}\n",
      "sea", "clear", "of", "missed", "missed minus", "error:", "", "robust", "under", "pixels", "all", "cloud",
      "around, K", "mean, K", "median", "SD, K");
  for (const auto& [group, algorithm] : kGroups) {
    bool titled = false;
    for (int mask = 0; mask < kSstMasks; ++mask) {
      const SstScore score = run.total(static_cast<SstMask>(mask), algorithm);
      if (score.pixels == 0) continue;
      if (!std::exchange(titled, true)) {
        text += fmt::format("{}{}{}\n", group, *algorithm == '\0' ? "" : ", ", algorithm);
      }
      text += row(kSstMaskNames[mask], score);
    }
  }
  for (const std::string& failure : run.failures) text += "\nwithout temperatures: " + failure + "\n";
  return text;
}

std::string sst_json(const SstRun& run) {
  Json json = Json::object();
  for (const auto& [group, algorithm] : kGroups) {
    for (int mask = 0; mask < kSstMasks; ++mask) {
      json[group][kSstMaskNames[mask]] = score_json(run.total(static_cast<SstMask>(mask), algorithm));
    }
  }
  json["scenes"] = Json::array();
  for (const SstScene& scene : run.scenes) {
    Json entry = {
        {"name", scene.name}, {"algorithm", scene.algorithm}, {"missed_by", scene.against_truth ? "truth" : "bayes"}};
    for (int mask = 0; mask < kSstMasks; ++mask) entry[kSstMaskNames[mask]] = score_json(scene.scores[mask]);
    json["scenes"].push_back(std::move(entry));
  }
  json["failures"] = run.failures;
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cloudmask
