#!/bin/bash
# Trains the network that cloudmask ships: tools/train_model.sh PROGRAM FOLDER MODEL. Scenes and masks go into FOLDER.
# models/README.md says what it is good for.
set -euo pipefail
program=$1
folder=$2
model=$3
[ -d "$folder/train" ] || "$program" synth "$folder/train" --scenes 40 --seed 7001 --label-errors 0
[ -d "$folder/unseen" ] || "$program" synth "$folder/unseen" --scenes 12 --seed 7002
cat >"$folder/run.yaml" <<YAML
train_dir: $folder/train
output_dir: $folder/masks
model_file: $folder/model.h5
log_file: $folder/train.log
base_filters: 8
batch_size: 8
epochs: 20
schedule: cosine
warmup_epochs: 1
learning_rate: 0.002
YAML
"$program" train --config "$folder/run.yaml"
"$program" infer --config "$folder/run.yaml" --overwrite "$folder/unseen"
"$program" evaluate --masks "$folder/masks" --scenes "$folder/unseen" --against truth
mkdir -p "$(dirname "$model")"
cp "$folder/model.h5" "$model"
