#!/usr/bin/env python3
"""Two machines with a link of 1 Gbit/s between them, each with one core of this one: how fast, and what of it is waiting.

    tests/hosts/measure.py --program build/cloudmask --folder FOLDER [--mbit 1000] [--gradients fp32 bf16]
                           [--set KEY=VALUE ...]

Sums over both (`bench allreduce`), then trains on small scenes, 16 patches of 256 px a rank and step, and prints the
share of the epochs' steps that the sums of gradients kept waiting; first with gradients sent as fp32, then as bf16.
Takes root; needs two idle cores.
"""

import argparse
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from hosts import Hosts, missing  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--mbit", type=int, default=1000)
    parser.add_argument("--gradients", nargs="+", choices=["fp32", "bf16"], default=["fp32", "bf16"],
                        help="gradient_precision (default: both by turns)")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    if missing():
        sys.exit(missing())
    program, folder = options.program.resolve(), options.folder.resolve()
    scenes = folder / "scenes"
    if not scenes.exists():
        subprocess.run([program, "synth", scenes, "--scenes", "10", "--height", "520", "--width", "1040", "--quiet"],
                       check=True)
    config = folder / "run.yaml"
    config.write_text(f"train_dir: {scenes}\noutput_dir: {folder}\nmodel_file: {folder}/model.h5\nlog_file: {folder}/log\n"
                      f"mlperf_logfile: {folder}/mlperf\nthreads: 1\nbatch_size: 32\nepochs: 3\n")
    with Hosts(2, options.mbit) as hosts:
        for sent_as in options.gradients:
            words = [word for setting in [f"gradient_precision={sent_as}", *options.set] for word in ("--set", setting)]
            subprocess.run(hosts.mpirun(1, program, "bench", "allreduce", *words), check=True)
            (folder / "run.jsonl").unlink(missing_ok=True)
            subprocess.run(hosts.mpirun(1, program, "train", "--quiet", "--config", config, *words), check=True)
            tell(folder / "run.jsonl", sent_as)


def tell(log, sent_as):
    for epoch in (event for event in map(json.loads, log.read_text().splitlines()) if event["event"] == "epoch"):
        steps_s = epoch["time_s"] - epoch["evaluate_s"]
        print(f"gradients as {sent_as}, epoch {epoch['epoch']}: steps {steps_s:.2f} s, of it waiting for sums "
              f"{epoch['all_reduce_s']:.3f} s: {epoch['all_reduce_s'] / steps_s:.1%}", flush=True)


if __name__ == "__main__":
    main()
