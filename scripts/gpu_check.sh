#!/bin/bash
# Everything there is to say about cloudmask on this machine's GPU, in one go and under ten minutes: builds
# cloudmask-bench (-DCLOUDMASK_CORE_ONLY=ON: a C++ compiler, CMake and LibTorch are enough), verifies that the device
# computes what the CPU does, by the unit tests too where GoogleTest is found, and measures beside PyTorch. Nothing is
# fetched.
#   scripts/gpu_check.sh [--device cuda] [--folder build-gpu] [--python python3] [option of bench/gpu.py]...
# LibTorch is the package `torch` of that Python, or TORCH_DIR. Writes FOLDER/gpu_check.json and FOLDER/gpu_check.md.
# Exit 0 when the device computes rightly. To see the script work where there is no GPU:
#   scripts/gpu_check.sh --device cpu --batches 2 --seconds 1
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
device=cuda folder=build-gpu python=python3 others=()
while [ $# -gt 0 ]; do
  case $1 in
    --device) device=$2 ;;
    --folder) folder=$2 ;;
    --python) python=$2 ;;
    *) others+=("$1" "$2") ;;
  esac
  shift 2
done

TORCH_DIR=${TORCH_DIR:-$("$python" -c "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])")}
generator=()
! command -v ninja >/dev/null || generator=(-G Ninja)
start=$SECONDS
cmake -S "$root" -B "$folder" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release -DCLOUDMASK_CORE_ONLY=ON \
  -DCLOUDMASK_WARNINGS_ARE_ERRORS=OFF "-DTORCH_DIR=$TORCH_DIR" >"$folder.log" 2>&1 ||
  { cat "$folder.log"; exit 1; }
cmake --build "$folder" -j "${JOBS:-$(nproc)}" >>"$folder.log" 2>&1 || { tail -n 60 "$folder.log"; exit 1; }
mv "$folder.log" "$folder/gpu_check.log"
echo "built in $((SECONDS - start)) s"
"$python" "$root/bench/gpu.py" --program "$folder/cloudmask-bench" --folder "$folder" --device "$device" \
  --build-s "$((SECONDS - start))" "${others[@]}"
