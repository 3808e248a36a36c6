#!/bin/bash
# The whole way on scenes made here: tools/demo.sh PROGRAM FOLDER
set -euo pipefail
program=$(realpath "$1")
folder=$2
cd "$(dirname "$0")/.."
start=$SECONDS
rm -rf "$folder"
mkdir -p "$folder"
echo "== scenes of known truth: 10 to learn from, 6 to judge by"
"$program" synth "$folder/train" --scenes 10 --seed 1
"$program" synth "$folder/test" --scenes 6 --seed 2
echo "== train, find clouds, score (config/demo.yaml)"
"$program" run --config config/demo.yaml --set train_dir="$folder/train" --set inference_dir="$folder/test" \
  --set output_dir="$folder/output" --set model_file="$folder/cloudModel.h5" \
  --set log_file="$folder/output/cloudMask_Log" --set mlperf_logfile="$folder/output/mlperf_cloudmask.log"
echo "== against the truth that only synthetic scenes have"
"$program" evaluate --masks "$folder/output" --scenes "$folder/test" --against truth
cat <<END

Done in $((SECONDS - start)) s. Look at:
  $folder/output/report.html   scores, curves and pictures: open it in a browser
  $folder/output/*.hdf.h5      the masks (HDF5, dataset mask: probability of cloud)
  $folder/cloudModel.h5        the network, a Keras model file
END
