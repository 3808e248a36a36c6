#!/usr/bin/env python3
"""Kills or stops random ranks of small trainings; each must end by name within a minute and resume to the same bits.

    tests/ranks/kill_ranks.py --program build/cloudmask --folder build/faults [--rounds 20] [--seed 1]
"""

import argparse
import json
import pathlib
import random
import shutil
import signal
import subprocess
import time

SETTINGS = {"train_dir": "train", "PATCH_SIZE": 64, "CROP_SIZE": 16, "base_filters": 4, "batch_size": 5, "threads": 1,
            "epochs": 25, "learning_rate": 0.0002, "deterministic": "true"}


def losses(folder):
    events = map(json.loads, (folder / "run.jsonl").read_text().splitlines())
    return {e["epoch"]: (e["train_loss"], e["test_loss"]) for e in events if e["event"] == "epoch"}


def train(program, name, ranks, *more):
    changed = {"gpu": ranks, "output_dir": name, "model_file": f"{name}/model.h5", "log_file": f"{name}/log",
               "mlperf_logfile": f"{name}/mlperf.log"}
    settings = [word for key, value in changed.items() for word in ("--set", f"{key}={value}")]
    return [program, "train", "-q", "--config", "run.yaml", *settings, *more]


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def harm(process, ranks, model, rng):
    """Waits for a first epoch and a while, then picks a rank. Returns it, the signal, what was said and the seconds."""
    while not model.exists():
        time.sleep(0.01)
    time.sleep(1.5 * rng.random())
    pids = sorted(children(children(process.pid)[0]))
    victim, how = rng.randrange(ranks), rng.choice([signal.SIGKILL, signal.SIGSTOP])
    start = time.monotonic()
    subprocess.run(["kill", f"-{how.value}", str(pids[victim])], check=True)
    _, said = process.communicate(timeout=90)
    return victim, how, said, time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program, folder, rng = options.program.resolve(), options.folder.resolve(), random.Random(options.seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "run.yaml").write_text("".join(f"{key}: {value}\n" for key, value in SETTINGS.items()))
    subprocess.run([program, "synth", "train", "-q", "--scenes", "5", "--height", "192", "--width", "200"], cwd=folder,
                   check=True)
    undisturbed = {}
    for ranks in (2, 3, 4):
        subprocess.run(train(program, f"whole{ranks}", ranks), cwd=folder, check=True)
        undisturbed[ranks] = losses(folder / f"whole{ranks}")
    failed = 0
    for number in range(options.rounds):
        name, ranks = f"round{number}", rng.choice([2, 3, 4])
        process = subprocess.Popen(train(program, name, ranks), cwd=folder, stderr=subprocess.PIPE, text=True)
        victim, how, said, taken_s = harm(process, ranks, folder / name / "model.h5", rng)
        named = f"rank {victim} on " in said and process.returncode == 1 and taken_s < 60
        subprocess.run(train(program, name, ranks, "--resume"), cwd=folder, check=True)
        same = losses(folder / name) == undisturbed[ranks]
        failed += not (named and same)
        print(f"{name}: rank {victim} of {ranks}, {how.name}: ended after {taken_s:.1f} s, "
              f"{'named' if named else 'NOT named'}, resumed to {'the same' if same else 'OTHER'} losses", flush=True)
    print(f"{options.rounds - failed} of {options.rounds} rounds as they should be")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
