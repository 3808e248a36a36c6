#!/bin/bash
# Times the way to a first mask with the module that `make python` has installed into $BUILD/venv-python, as users do it,
# and runs tests/python on it: BUILD=build tools/test_wheel.sh
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${BUILD:-build}")
venv=$build/venv-python
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" # not where the sources are
"$venv/bin/python" -c 'import cloudmask; cloudmask.synth(".", 1)'
time "$venv/bin/python" -c "
import cloudmask, glob
scene = cloudmask.open_scene(glob.glob('*.hdf')[0])
print(cloudmask.screen(scene))"
"$venv/bin/pip" install --quiet h5py mypy netCDF4 pytest
torch=$("$venv/bin/python" -c "import importlib.util; print(importlib.util.find_spec('torch').submodule_search_locations[0])")
CLOUDMASK_PROGRAM=$build/cloudmask CLOUDMASK_TORCH=$torch "$venv/bin/python" -m pytest -q -p no:cacheprovider "$OLDPWD/tests/python"
