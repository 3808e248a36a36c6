#pragma once

namespace cloudmask {

/// Returns after that time, or within a twentieth of a second once interrupt_requested().
void sleep_unless_interrupted(double seconds);

}  // namespace cloudmask
