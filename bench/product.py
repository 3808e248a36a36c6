#!/usr/bin/env python3
"""From a full-size product to a CF mask: how long, how much memory, and satpy beside it. `make bench-product`.

    bench/product.py --program build/cloudmask --python build/venv-products/bin/python --folder FOLDER [--rounds 5]

The product is written once, 1200 x 1500 px, every file that tests/products/make_sen3.py knows. The ways take turns,
files come out of the page cache; a time is the wall time of the whole program, memory its largest resident set. satpy
reads and calibrates the same channels and makes no mask; its `reading` leaves out starting Python. Ratios are medians of
pairs. Prints a table and one JSON line.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peers"))
import timing  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
MODEL = ROOT / "models" / "cloudmask-synthetic.h5"
PEER = ROOT / "bench" / "peers" / "satpy_channels.py"
GOAL_S, GOAL_BYTES, GOAL_RATIO = 1.5, 1e9, 5


def product_in(folder, python):
    if not list(folder.glob("*.SEN3")):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([python, ROOT / "tests/products/make_sen3.py", folder], check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.SEN3"))


def measure(command):
    """Wall time, largest resident set in bytes, standard output."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit {child.returncode}")
        output.seek(0)
        return wall_s, usage.ru_maxrss * 1024, output.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--python", type=pathlib.Path, required=True, help="one that has satpy")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    product = product_in(options.folder / "product", options.python)
    program = options.program.resolve()
    masks = ["--overwrite", "--format", "netcdf", "--output", options.folder / "masks", product]
    ways = {"screen --method threshold": [program, "screen", "--method", "threshold", *masks],
            "infer": [program, "infer", "--model", MODEL, *masks],
            "satpy": [options.python, PEER, product]}
    times, memory, reading = {name: [] for name in ways}, dict.fromkeys(ways, 0), []
    for _ in range(options.rounds + 1):  # the first warms the page cache
        for name, command in ways.items():
            wall_s, resident_bytes, output = measure(command)
            times[name].append(wall_s)
            memory[name] = max(memory[name], resident_bytes)
            if name == "satpy":
                reading.append(json.loads(output.splitlines()[-1])["read_s"])
    times = {name: values[1:] for name, values in times.items()} | {"satpy, reading": reading[1:]}
    median_s = {name: statistics.median(values) for name, values in times.items()}
    print(f"product of 1200 x 1500 px, {timing.cores()} cores of {timing.cpu()['model']}, median of {options.rounds}")
    print(f"{'':<28}{'s':>8}{'MB':>8}{'satpy takes':>16}{'its reading':>16}")
    result = {"cpu": timing.cpu()["model"], "cores": timing.cores(), "rounds": options.rounds, "ways": {}}
    for name, values in times.items():
        ratios = [statistics.median(other_s / own_s for other_s, own_s in zip(times[other], values))
                  for other in ("satpy", "satpy, reading")]
        resident_mb = f"{memory[name] / 1e6:.0f}" if name in memory else ""
        print(f"{name:<28}{median_s[name]:>8.2f}{resident_mb:>8}" + "".join(f"{ratio:>10.1f} times" for ratio in ratios))
        result["ways"][name] = {"s": median_s[name], "peak_memory_bytes": memory.get(name),
                                "satpy_ratio": ratios[0], "satpy_reading_ratio": ratios[1]}
    print(f"goals: below {GOAL_S} s, below {GOAL_BYTES / 1e6:.0f} MB, satpy {GOAL_RATIO} times")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
