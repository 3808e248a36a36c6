#!/usr/bin/env python3
"""Every method of finding clouds on the same unseen scenes: scores with intervals, sea surface temperature, times.

    bench/methods.py --program build/cloudmask --folder FOLDER [--methods METHOD ...] [--seeds N ...]
                     [--scenes N] [--unseen N] [--seed S] [--set KEY=VALUE ...]

Methods: network (trained on the labels), both (on labels and what needs none), unsupervised (without labels),
truth (a network taught by labels without an error: what labels could give at best), threshold, bayesian (tables learnt
from the training scenes); the networks once for each of --seeds. Makes the scenes (kept in FOLDER for the next call),
makes the masks of each method anew, and calls `cloudmask compare` and, for each method, `cloudmask sst`. A method that
fails is named at the end (exit 1); the others are compared all the same. FOLDER then holds compared.html, compared.json, sst-<method>.json and methods.json.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import time

TRAINED = {"network": [], "both": ["--set", "supervision=both"], "unsupervised": ["--unsupervised"],
           "truth": []}
SCREENED = ["threshold", "bayesian"]


def run(*words):
    subprocess.run([*map(str, words)], check=True)


def timed(*words):
    start = time.perf_counter()
    run(*words)
    return time.perf_counter() - start


def make_scenes(options, name, scenes, seed, *further):
    folder = options.folder / f"{name}-{seed}"
    if not folder.exists():
        run(options.program, "synth", folder, "--scenes", scenes, "--seed", seed, "--height", options.height, "--width",
            options.width, *further)
    found = len(list(folder.glob("*.hdf")))
    if found != scenes:
        sys.exit(f"{folder}: holds {found} scenes, wanted {scenes}; remove the folder or ask for {found}")
    return folder


def train_and_infer(options, method, seed, masks):
    config = options.folder / f"{masks.name}.yaml"
    scenes = options.train
    if method == "truth":
        scenes = make_scenes(options, "truth", options.scenes, options.seed, "--label-errors", 0)
    config.write_text(f"train_dir: {scenes}\ninference_dir: {options.test}\noutput_dir: {masks}\n"
                      f"model_file: {masks}/model.h5\nlog_file: {masks}/log\nmlperf_logfile: {masks}/mlperf.log\n"
                      f"seed: {seed}\n")
    settings = [word for setting in options.set for word in ("--set", setting)]
    return {"train_s": timed(options.program, "train", "--config", config, *TRAINED[method], *settings),
            "mask_s": timed(options.program, "infer", "--config", config, *settings)}


def screen(options, method, masks):
    words = [options.program, "screen", "--method", method]
    if method != "bayesian":
        return {"mask_s": timed(*words, "--output", masks, options.test)}
    words += ["--tables", masks / "tables.h5"]
    return {"train_s": timed(*words, "--learn", options.train), "mask_s": timed(*words, "--output", masks, options.test)}


def plan(options):
    """Names of the runs, each with what makes its masks."""
    runs = {}
    for method in options.methods:
        for seed in options.seeds if method in TRAINED else [None]:
            name = f"{method}-{seed}" if method in TRAINED and len(options.seeds) > 1 else method
            runs[name] = (method, seed)
    return runs


def make_masks(options, name, method, seed):
    masks = options.folder / f"masks-{name}"
    if masks.exists():
        shutil.rmtree(masks)  # old masks would be skipped, and their time with them
    masks.mkdir(parents=True)
    if method in TRAINED:
        return train_and_infer(options, method, seed, masks)
    return screen(options, method, masks)


def measure(options, runs):
    """The times of the runs that worked, and what went wrong with the others."""
    times, failures = {}, {}
    for name, (method, seed) in runs.items():
        print(f"\n== {name}", flush=True)
        try:
            times[name] = make_masks(options, name, method, seed)
        except subprocess.CalledProcessError as error:
            failures[name] = f"`{' '.join(error.cmd[:3])} ...` ended with exit code {error.returncode}"
    return times, failures


def compare(options, names):
    print("\n== compared", flush=True)
    run(options.program, "compare", "--scenes", options.test, *(f"{name}={options.folder}/masks-{name}" for name in names),
        "--json", options.folder / "compared.json", "--html", options.folder / "compared.html")
    temperatures = {}
    for name in names:
        print(f"\n== sea surface temperature under {name}", flush=True)
        file = options.folder / f"sst-{name}.json"
        run(options.program, "sst", "--output", options.folder / f"sst-{name}", "--masks",
            options.folder / f"masks-{name}", options.test, "--json", file)
        temperatures[name] = json.loads(file.read_text())
    return json.loads((options.folder / "compared.json").read_text()), temperatures


def with_interval(estimate, digits=4):
    if estimate["value"] is None:
        return "-"
    text = f"{estimate['value']:.{digits}f}"
    if estimate["low"] is not None:
        text += f" [{estimate['low']:.{digits}f} {estimate['high']:.{digits}f}]"
    return text


def number(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def summary(compared, temperatures, times):
    """Rows of text; SST figures of all scenes: mean error and what share of the clear sea is missed cloud."""
    lines = [f"{'method':20}{'train s':>9}{'mask s':>8}  {'accuracy':24}{'true skill':24}{'SST bias K':>11}{'missed':>9}"]
    for name, scores in compared["parts"]["all"]["methods"].items():
        # Labels and truth are judged beside every mask alike.
        sst = temperatures[name]["all"]["masks"] if name in temperatures else \
            next(iter(temperatures.values()))["all"][name]
        missed = sst and sst["missed_share"]
        spent = times.get(name, {})
        lines.append(f"{name:20}{number(spent.get('train_s'), 1):>9}{number(spent.get('mask_s'), 1):>8}  "
                     f"{with_interval(scores['accuracy']):24}{with_interval(scores['true_skill']):24}"
                     f"{number(sst and sst['bias_k'], 2):>11}{number(missed and 100 * missed, 1) + ' %':>9}")
    truth = next(iter(temperatures.values()))["all"]["truth"]
    return "\n".join([*lines, f"under a perfect mask the SST bias is {number(truth and truth['bias_k'], 2)} K"])


def make_parser(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--methods", nargs="+", choices=[*TRAINED, *SCREENED], default=[*TRAINED, *SCREENED])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="of the trainings, e.g. 1 2 3")
    parser.add_argument("--scenes", type=int, default=40, help="to train on")
    parser.add_argument("--unseen", type=int, default=12, help="to judge by")
    parser.add_argument("--seed", type=int, default=9201, help="of the training scenes; the unseen ones have seed + 1")
    parser.add_argument("--height", type=int, default=1200, help="of the scenes")
    parser.add_argument("--width", type=int, default=1500)
    parser.add_argument("--set", nargs="*", metavar="KEY=VALUE", help="configuration of the trainings",
                        default=["epochs=10", "batch_size=8", "base_filters=16", "schedule=cosine", "warmup_epochs=1",
                                 "learning_rate=0.002"])
    return parser


def parse(parser, arguments):
    options = parser.parse_args(arguments)
    options.program = options.program.resolve()
    options.folder = options.folder.resolve()
    return options


def main(arguments=None):
    options = parse(make_parser(__doc__), arguments)
    options.train = make_scenes(options, "train", options.scenes, options.seed)
    options.test = make_scenes(options, "unseen", options.unseen, options.seed + 1)
    times, failures = measure(options, plan(options))
    if times:
        compared, temperatures = compare(options, list(times))
        (options.folder / "methods.json").write_text(json.dumps({"times": times, "failures": failures}, indent=2) + "\n")
        print(f"\n{options.unseen} unseen scenes of seed {options.seed + 1}, against truth\n"
              f"{summary(compared, temperatures, times)}\npage: {options.folder}/compared.html")
    for name, failure in failures.items():
        print(f"not compared: {name}: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
