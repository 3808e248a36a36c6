#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cloudmask/screening/likelihood_table.h"

namespace cloudmask {

/// What a Bayesian mask knows of one kind of pixel. Spectral and textural quantities are taken as independent
/// (Merchant et al. 2005, Q. J. R. Meteorol. Soc. 131).
struct KindTables {
  std::string name;              ///< "day_sea", ...
  std::uint8_t kind = kNoPixel;  ///< PixelKind
  double cloud_prior = 0.5;      ///< share of cloud before the pixel is looked at
  LikelihoodTable spectral;
  LikelihoodTable texture;
};

struct BayesianTables {
  std::string origin;             ///< how they came about, for people
  View view = View::kNadir;       ///< of the scenes that they were learnt from
  std::vector<KindTables> kinds;  ///< each kind once at most
};

/// All four kinds with the axes that this version learns on, and empty tables.
BayesianTables make_empty_tables();

/// ln P(cloud) / P(clear) of pixels by Bayes' rule, made ready for looking up:
/// ln(prior / (1 - prior)) + ln P(spectral | cloud) / P(spectral | clear) + the same of texture.
class BayesianLookup {
 public:
  explicit BayesianLookup(const BayesianTables& tables);

  /// The PixelKind bits that there are tables for.
  std::uint8_t kinds() const;

  /// Of one row of pixels, `columns` of them from `first` on; NaN where there are no tables for its kind, kNoPixel
  /// above all.
  void log_odds(const SceneFeatures& features, std::size_t first, std::size_t columns, float* log_odds) const;

 private:
  struct Ready {
    const KindTables* tables;
    float prior;  ///< log odds
    std::vector<float> spectral;
    std::vector<float> texture;
  };
  std::vector<Ready> kinds_;
};

}  // namespace cloudmask
