#!/bin/bash
# Has pip compile and install this folder into the virtual environment $BUILD/venv-python, with the torch that
# `tools/setup.sh python` has put there, and says how to use it: BUILD=build tools/install_python.sh
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${BUILD:-build}/venv-python
echo "compiling the Python module and installing it into $venv: ten minutes of processor time, shared out over the cores"
env -u TORCH_DIR "$venv/bin/pip" install --quiet --no-build-isolation '.[xarray]'
version=$("$venv/bin/python" -c 'import cloudmask; print(cloudmask.__version__)')
cat <<END
cloudmask $version is there. In Python ($venv/bin/python, or after: source $venv/bin/activate):
  import cloudmask
  scene = cloudmask.open_scene(*cloudmask.synth("scenes", 1))    # or a scene of yours
  print(cloudmask.screen(scene))                                 # docs/python.md says more
END
