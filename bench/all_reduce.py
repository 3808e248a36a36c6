#!/usr/bin/env python3
"""How near `cloudmask bench allreduce` comes to MPI's own blocking sum, by turns; the fastest turn of each counts,
and `of MPI` is the share of MPI's speed.

    bench/all_reduce.py --program build/cloudmask [--before OTHER/cloudmask] [--turns 5] [--ranks 2]

Compiles bench/mpi_allreduce.c with mpicc. Takes as many idle cores as ranks.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import re
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).with_name("mpi_allreduce.c")
AS_ROOT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def output_of(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, env=AS_ROOT).stdout


def times_us(program, ranks, sent_as):
    settings = ["--set", f"gpu={ranks}"] + (["--set", "gradient_precision=bf16"] if sent_as == "bf16" else [])
    sizes = json.loads(output_of(program, "bench", "allreduce", *settings, "--json", "-"))["sizes"]
    return {size["message_bytes"]: 1e6 * size["time_s"] for size in sizes}


def times_of_mpi_us(program, ranks):
    lines = output_of("mpirun", "-n", str(ranks), "--bind-to", "none", program)
    return {int(size): float(time_us) for size, time_us in re.findall(r"(\d+) B +([\d.]+) us", lines)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--before", type=pathlib.Path, help="another build of cloudmask, to compare with")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--ranks", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        mpi = f"{folder}/mpi_allreduce"
        subprocess.run(["mpicc", "-O2", "-o", mpi, SOURCE], check=True)
        ways = {"MPI": lambda: times_of_mpi_us(mpi, options.ranks)}
        if options.before:
            ways["before"] = lambda: times_us(options.before.resolve(), options.ranks, "fp32")
        ways["fp32"] = lambda: times_us(options.program.resolve(), options.ranks, "fp32")
        ways["bf16"] = lambda: times_us(options.program.resolve(), options.ranks, "bf16")
        fastest_us = collections.defaultdict(lambda: math.inf)
        for _ in range(options.turns):
            for name, measure in ways.items():
                for size, time_us in measure().items():
                    fastest_us[name, size] = min(fastest_us[name, size], time_us)
    print(f"{'bytes':>10}" + "".join(f"{name + ', us':>14}{'of MPI':>8}" for name in ways))
    for size in sorted({size for _, size in fastest_us}):
        print(f"{size:>10}" + "".join(
            f"{fastest_us[name, size]:>14.1f}{fastest_us['MPI', size] / fastest_us[name, size]:>8.2f}" for name in ways))


if __name__ == "__main__":
    main()
