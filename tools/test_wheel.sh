#!/bin/bash
# Installs this folder by pip into a fresh virtual environment, $BUILD/venv-python, as users do, times the way to a first
# mask, and runs tests/python there. BUILD=build tools/test_wheel.sh
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${BUILD:-build}")
venv=$build/venv-python
rm -rf "$venv"
python3 -m venv "$venv"
began=$SECONDS
# Machines without a GPU are served by the torch of PyTorch's own index, where it can be reached (see tools/setup.sh).
index=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
options=()
python3 -c "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)" "$index/torch/" 2>/dev/null &&
  options=(--extra-index-url "$index")
"$venv/bin/pip" install --quiet "${options[@]}" '.[xarray]'
echo "pip install: $((SECONDS - began)) s"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$build/cloudmask" --quiet synth "$folder" --scenes 1
time (cd "$folder" && "$venv/bin/python" -c "
import cloudmask, glob
scene = cloudmask.open_scene(glob.glob('*.hdf')[0])
print(cloudmask.screen(scene))")
"$venv/bin/pip" install --quiet h5py mypy netCDF4 pytest
cd "$folder" # not where the sources are
torch=$("$venv/bin/python" -c "import importlib.util; print(importlib.util.find_spec('torch').submodule_search_locations[0])")
CLOUDMASK_PROGRAM=$build/cloudmask CLOUDMASK_TORCH=$torch "$venv/bin/python" -m pytest -q -p no:cacheprovider "$OLDPWD/tests/python"
