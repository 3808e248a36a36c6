#!/usr/bin/env python3
"""How long does training take until the test accuracy reaches a target, here and in TensorFlow as the reference does it?

    bench/time_to_accuracy.py --program build/cloudmask --python build/venv-bench/bin/python --folder FOLDER
                              [--target 0.85] [--give-up 10] [--set KEY=VALUE ...]

The same synthetic scenes, split and network; the schedule and batch of --set for cloudmask, the reference's own for
TensorFlow. Times are of the epochs with their evaluation, without reading. TensorFlow begins no further epoch once it
has taken --give-up times cloudmask's time: the ratio is then at least what is printed.
"""

import argparse
import json
import pathlib
import subprocess
import sys

PEERS = pathlib.Path(__file__).resolve().parent / "peers"
sys.path.insert(0, str(PEERS))
import timing  # noqa: E402


def our_epochs(options, scenes):
    out = options.folder / "ours"
    out.mkdir(parents=True, exist_ok=True)
    (out / "run.jsonl").unlink(missing_ok=True)
    config = options.folder / "ours.yaml"
    config.write_text(f"train_dir: {scenes}\noutput_dir: {out}\nmodel_file: {out}/model.h5\nlog_file: {out}/log\n"
                      f"mlperf_logfile: {out}/mlperf.log\ntarget_accuracy: {options.target}\n")
    settings = [word for setting in options.set for word in ("--set", setting)]
    subprocess.run([options.program, "train", "--config", config, "--quiet", *settings], check=True)
    events = map(json.loads, (out / "run.jsonl").read_text().splitlines())
    return [event for event in events if event["event"] == "epoch"]


def their_epochs(options, scenes, give_up_s):
    done = subprocess.run([options.python, PEERS / "tensorflow_training.py", "--scenes", scenes, "--target",
                           str(options.target), "--give-up-s", str(give_up_s)],
                          stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--python", type=pathlib.Path, required=True, help="one that has tensorflow and scikit-learn")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--target", type=float, default=0.85, help="test accuracy against the labels (default 0.85)")
    parser.add_argument("--give-up", type=float, default=10, help="times cloudmask's time (default 10)")
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--set", nargs="*", metavar="KEY=VALUE",
                        default=["epochs=16", "schedule=cosine", "warmup_epochs=1", "learning_rate=0.002", "batch_size=8"])
    options = parser.parse_args()

    scenes = options.folder / f"scenes-{options.seed}-{options.scenes}"
    if not scenes.exists():
        subprocess.run([options.program, "synth", scenes, "--scenes", str(options.scenes), "--seed", str(options.seed),
                        "--quiet"], check=True)
    ours = our_epochs(options, scenes)
    ours_s = sum(epoch["time_s"] for epoch in ours)
    waited = [epoch["wait_data_s"] / epoch["time_s"] for epoch in ours[1:]]
    print(f"cloudmask: {ours[-1]['test_accuracy']:.4f} after {len(ours)} epochs, {ours_s:.0f} s"
          + (f"; waiting for data from the second epoch on: {max(waited):.2%} at most" if waited else ""), flush=True)
    if ours[-1]["test_accuracy"] < options.target:
        print(f"the target, {options.target}, was not reached: choose a lower one, or more epochs", file=sys.stderr)
        return 1
    theirs = their_epochs(options, scenes, options.give_up * ours_s)
    last = theirs["epochs"][-1]
    print(f"TensorFlow: {last['test_accuracy']:.4f} after {last['epoch']} epochs, {last['time_s']:.0f} s")
    print(f"cloudmask reaches {options.target} {'' if theirs['reached'] else 'more than '}"
          f"{last['time_s'] / ours_s:.1f} times sooner ({timing.cpu()['model']}, {theirs['version']})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
