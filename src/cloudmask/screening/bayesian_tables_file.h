#pragma once

#include <filesystem>

#include "cloudmask/screening/bayesian_tables.h"

namespace cloudmask {

/// HDF5 in the form that docs/formats.md describes ("Bayesian tables"), whole or not at all. Throws Error.
void write_bayesian_tables(const std::filesystem::path& file, const BayesianTables& tables);

/// Also tables of others, with any axes. Throws Error naming file and dataset: another version, no kind of pixel at
/// all, an unknown quantity, edges that do not ascend, a prior outside 0 to 1, probabilities that are none or whose
/// shape is not that of the axes.
BayesianTables read_bayesian_tables(const std::filesystem::path& file);

}  // namespace cloudmask
