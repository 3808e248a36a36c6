#pragma once

#include <string>

#include "cloudmask/report/run_history.h"

namespace cloudmask {

// The parts of report.html, each a <section> with its heading. What the run has not done says so in a sentence.

std::string summary_section(const RunHistory& history);
std::string training_section(const RunHistory& history);
std::string score_section(const RunHistory& history);
std::string inference_section(const RunHistory& history);
std::string machine_section(const RunHistory& history);
std::string configuration_section(const RunHistory& history);

}  // namespace cloudmask
