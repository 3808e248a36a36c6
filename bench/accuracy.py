#!/usr/bin/env python3
"""How good are the masks? Trains on synthetic scenes and scores scenes never seen, by day and by night.

    bench/accuracy.py --program build/cloudmask --folder FOLDER [--vary KEY VALUE ...] [--seeds N ...]
                      [--set KEY=VALUE ...]

Makes the scenes (kept in FOLDER for the next call), trains once for each value of a key and each seed, masks the unseen
scenes and prints accuracy against the labels learnt from and against the truth, beside the accuracy of the labels
themselves; of several seeds their mean, and the largest distance from it.
"""

import argparse
import json
import pathlib
import subprocess


def run(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True)


def make_scenes(program, folder, scenes, seed):
    if not folder.exists():
        run(program, "synth", folder, "--scenes", scenes, "--seed", seed)
    return folder


def scores(program, masks, scenes, against, folder):
    file = folder / f"{against}.json"
    run(program, "evaluate", "--masks", masks, "--scenes", scenes, "--against", against, "--json", file, "--quiet")
    return json.loads(file.read_text())


def label_masks(scenes, folder):
    """The labels written as masks, so that they are scored as every other mask is."""
    import h5py  # only here

    folder.mkdir(parents=True, exist_ok=True)
    for scene in sorted(scenes.glob("*.hdf")):
        with h5py.File(scene) as source, h5py.File(folder / f"{scene.name}.h5", "w") as mask:
            mask["mask"] = (source["bayes"][...] > 0).astype("float32").reshape(1, *source["bayes"].shape[:2], 1)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--vary", nargs="+", metavar=("KEY", "VALUE"), default=["normalisation", "background"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="of the trainings")
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--unseen", type=int, default=10)
    parser.add_argument("--seed", type=int, default=11, help="of the training scenes; the unseen ones have seed + 1000")
    parser.add_argument("--set", nargs="*", metavar="KEY=VALUE",
                        default=["epochs=16", "schedule=cosine", "warmup_epochs=1", "learning_rate=0.002"])
    options = parser.parse_args()

    program = options.program.resolve()
    train = make_scenes(program, options.folder / f"train-{options.seed}", options.scenes, options.seed)
    unseen = make_scenes(program, options.folder / f"unseen-{options.seed + 1000}", options.unseen, options.seed + 1000)
    rows = []

    def measure(masks, folder):
        folder.mkdir(parents=True, exist_ok=True)
        against = [scores(program, masks, unseen, reference, folder) for reference in ("truth", "bayes")]
        return [score[part]["accuracy"] for score in against for part in ("all", "day", "night")]

    def train_and_measure(value, seed):
        name = f"{value}-{seed}"
        out = options.folder / f"network-{name}"
        config = options.folder / f"{name}.yaml"
        config.write_text(f"train_dir: {train}\ninference_dir: {unseen}\noutput_dir: {out}\n"
                          f"model_file: {out}/model.h5\nlog_file: {out}/log\nmlperf_logfile: {out}/mlperf.log\n"
                          f"{key}: {value}\nseed: {seed}\n")
        settings = [word for setting in options.set for word in ("--set", setting)]
        run(program, "train", "--config", config, *settings)
        run(program, "infer", "--config", config, *settings, "--set", "overwrite=true")
        return measure(out, out)

    key, *values = options.vary
    rows.append(("labels", measure(label_masks(unseen, options.folder / "label-masks"), options.folder / "label-scores")))
    for value in values:
        trainings = [train_and_measure(value, seed) for seed in options.seeds]
        means = [sum(column) / len(column) for column in zip(*trainings)]
        rows.append((f"network, {value}", means))
        if len(trainings) > 1:
            rows.append(("   largest distance from it",
                         [max(abs(one - mean) for one in column) for column, mean in zip(zip(*trainings), means)]))
    print(f"\n{'accuracy on ' + str(options.unseen) + ' unseen scenes':30}{'against truth':>24}{'against labels':>27}")
    print(f"{'':30}{'all':>9}{'day':>9}{'night':>9}{'all':>9}{'day':>9}{'night':>9}")
    for name, accuracies in rows:
        print(f"{name:30}" + "".join(f"{accuracy:9.4f}" for accuracy in accuracies))


if __name__ == "__main__":
    main()
