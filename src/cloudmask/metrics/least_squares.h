#pragma once

#include <vector>

namespace cloudmask {

/// The x >= 0 that make sum over i of (rows[i] . x / values[i] - 1)^2 least: relative errors count, as the times that
/// are fitted span orders of magnitude. Each row has a number for each of at most 8 terms; values are above 0. Terms
/// that the rows cannot tell apart are 0 but for those that stand first; without rows the result is empty. Solves the
/// normal equations for every set of terms (Lawson and Hanson 1974, Solving Least Squares Problems, chapter 23, for few
/// terms).
std::vector<double> fit_relative(const std::vector<std::vector<double>>& rows, const std::vector<double>& values);

}  // namespace cloudmask
