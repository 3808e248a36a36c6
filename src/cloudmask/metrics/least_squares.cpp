#include "cloudmask/metrics/least_squares.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

using Matrix = std::vector<std::vector<double>>;

/// Gaussian elimination with pivots. The matrix has a diagonal of ones; empty when it is singular to rounding.
std::optional<std::vector<double>> solve(Matrix a, std::vector<double> b) {
  constexpr double kSingular = 1e-9;
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    }
    if (!(std::abs(a[pivot][k]) > kSingular)) return std::nullopt;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

/// Columns as vectors of length 1, for the right side of ones.
struct Columns {
  Matrix unit;
  std::vector<double> length;
};

Columns columns_of(const Matrix& rows, const std::vector<double>& values) {
  const std::size_t terms = rows.front().size();
  Columns columns{Matrix(terms, std::vector<double>(rows.size())), std::vector<double>(terms)};
  for (std::size_t t = 0; t < terms; ++t) {
    double squares = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      columns.unit[t][i] = rows[i][t] / values[i];
      squares += columns.unit[t][i] * columns.unit[t][i];
    }
    columns.length[t] = std::sqrt(squares);
    if (squares > 0) {
      for (double& value : columns.unit[t]) value /= columns.length[t];
    }
  }
  return columns;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Of the columns `used`; empty when they cannot be told apart or one would be negative.
std::optional<std::vector<double>> fit(const Columns& columns, const std::vector<std::size_t>& used) {
  const std::vector<double> ones(columns.unit.front().size(), 1.0);
  Matrix products;
  std::vector<double> right;
  for (const std::size_t t : used) {
    std::vector<double>& row = products.emplace_back();
    for (const std::size_t other : used) row.push_back(dot(columns.unit[t], columns.unit[other]));
    right.push_back(dot(columns.unit[t], ones));
  }
  auto found = solve(std::move(products), std::move(right));
  if (found && std::any_of(found->begin(), found->end(), [](double x) { return x < 0; })) return std::nullopt;
  return found;
}

double squared_error(const Columns& columns, const std::vector<double>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < columns.unit.front().size(); ++i) {
    double error = -1;
    for (std::size_t t = 0; t < x.size(); ++t) error += columns.unit[t][i] * x[t];
    sum += error * error;
  }
  return sum;
}

}  // namespace

std::vector<double> fit_relative(const std::vector<std::vector<double>>& rows, const std::vector<double>& values) {
  if (rows.empty()) return {};
  const std::size_t terms = rows.front().size();
  CM_CHECK(terms <= 8 && values.size() == rows.size());
  const Columns columns = columns_of(rows, values);
  std::vector<double> best(terms, 0.0);
  double least = std::numeric_limits<double>::infinity();
  // In an order in which a set stands before those that have more, or later, terms: they must do better to be taken.
  for (std::size_t set = 1; set < std::size_t{1} << terms; ++set) {
    std::vector<std::size_t> used;
    for (std::size_t t = 0; t < terms; ++t) {
      if ((set >> t & 1U) != 0) used.push_back(t);
    }
    const auto found = fit(columns, used);
    if (!found) continue;
    std::vector<double> x(terms, 0.0);
    for (std::size_t i = 0; i < used.size(); ++i) x[used[i]] = (*found)[i];
    const double error = squared_error(columns, x);
    if (error > least * (1 - 1e-9) - 1e-15) continue;
    least = error;
    best = x;
  }
  for (std::size_t t = 0; t < terms; ++t) {
    if (columns.length[t] > 0) best[t] /= columns.length[t];
  }
  return best;
}

}  // namespace cloudmask
