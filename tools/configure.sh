#!/bin/bash
# Configures a build folder: tools/configure.sh FOLDER [CMake options]. LibTorch: TORCH_DIR, or the set-up's in $BUILD.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
torch=${TORCH_DIR:-$(echo "$PWD/${BUILD:-build}"/venv/lib/python3*/site-packages/torch)}
cmake -S . -B "$folder" -G Ninja -DTORCH_DIR="$torch" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
  -DCLOUDMASK_TEST_PYTHON="$PWD/${BUILD:-build}/venv-test/bin/python" "$@" >/dev/null
