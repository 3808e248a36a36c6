#!/bin/bash
# Times training, inference and reading on this machine: tools/bench.sh PROGRAM. Results also as JSON in build/bench.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."
mkdir -p build/bench
[ -d build/bench/scenes ] || "$program" synth build/bench/scenes --scenes 4 --quiet
for what in train infer; do "$program" bench "$what" --json "build/bench/$what.json"; done
"$program" bench read build/bench/scenes --json build/bench/read.json
