#!/bin/bash
# Builds cloudmask-bench alone (-DCLOUDMASK_CORE_ONLY=ON) in $BUILD-core, shows that it takes nothing of the libraries
# that the full program needs, and runs it small on the CPU. BUILD=build tools/test_core.sh
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${BUILD:-build}-core
tools/configure.sh "$folder" -DCLOUDMASK_CORE_ONLY=ON -DCMAKE_BUILD_TYPE=Release
cmake --build "$folder" -j "${JOBS:-$(nproc)}"

headers='/(CLI|curl|fmt|hdf5[^/]*|libdeflate|archive|nlohmann|openmpi|openssl|png[^/]*|protozero|pugixml|spdlog|yaml-cpp)(/|\.h)'
if ninja -C "$folder" -t deps | grep -E "^ +/usr/[a-z]*/?include.*$headers"; then
  echo "core: the files above are of libraries that it must do without" >&2
  exit 1
fi
if ldd "$folder/cloudmask-bench" | grep -E 'lib(archive|crypto|curl|deflate|hdf5|mpi|png|pugixml|yaml)'; then
  echo "core: cloudmask-bench is linked with libraries that it must do without" >&2
  exit 1
fi

small=(--device cpu --set batch_size=2 --set PATCH_SIZE=64 --set CROP_SIZE=16 --set base_filters=4)
"$folder/cloudmask-bench" verify "${small[@]}"
for what in train infer; do
  "$folder/cloudmask-bench" "$what" "${small[@]}" --json "$folder/$what.json"
  python3 -c "import json, sys; sys.exit(not json.load(open(sys.argv[1]))['ms_per_patch'] > 0)" "$folder/$what.json"
done
