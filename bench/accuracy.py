#!/usr/bin/env python3
"""How good are the masks? Trains on synthetic scenes and scores scenes never seen, by day and by night.

    bench/accuracy.py --program build/cloudmask --folder FOLDER [--normalisation spectral reference] [--set KEY=VALUE ...]

Makes the scenes (kept in FOLDER for the next call), trains once for each normalisation, masks the unseen scenes and
prints accuracy against the labels learnt from and against the truth, beside the accuracy of the labels themselves.
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
    parser.add_argument("--normalisation", nargs="+", default=["spectral"], choices=["spectral", "reference"])
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

    def add(name, masks, folder):
        folder.mkdir(parents=True, exist_ok=True)
        truth = scores(program, masks, unseen, "truth", folder)
        label = scores(program, masks, unseen, "bayes", folder)
        rows.append([name] + [truth[part]["accuracy"] for part in ("all", "day", "night")] +
                    [label[part]["accuracy"] for part in ("all", "day", "night")])

    add("labels", label_masks(unseen, options.folder / "label-masks"), options.folder / "label-scores")
    for normalisation in options.normalisation:
        out = options.folder / f"network-{normalisation}"
        config = options.folder / f"{normalisation}.yaml"
        config.write_text(f"train_dir: {train}\ninference_dir: {unseen}\noutput_dir: {out}\n"
                          f"model_file: {out}/model.h5\nlog_file: {out}/log\nmlperf_logfile: {out}/mlperf.log\n"
                          f"normalisation: {normalisation}\n")
        settings = [word for setting in options.set for word in ("--set", setting)]
        run(program, "train", "--config", config, *settings)
        run(program, "infer", "--config", config, *settings, "--set", "overwrite=true")
        add(f"network, {normalisation}", out, out)
    print(f"\n{'accuracy on ' + str(options.unseen) + ' unseen scenes':30}{'against truth':>24}{'against labels':>27}")
    print(f"{'':30}{'all':>9}{'day':>9}{'night':>9}{'all':>9}{'day':>9}{'night':>9}")
    for name, *values in rows:
        print(f"{name:30}" + "".join(f"{value:9.4f}" for value in values))


if __name__ == "__main__":
    main()
