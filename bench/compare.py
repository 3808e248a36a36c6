#!/usr/bin/env python3
"""How many times as fast as its peers is cloudmask on this machine? `make bench` runs it last.

    bench/compare.py --program build/cloudmask --python build/venv-bench/bin/python [--quick] [--rounds N] [--only WHAT]
                     [--avx2]

Runs cloudmask and every peer of bench/peers alternately, each time as a process of its own and in another order, on
the same number of threads, and takes medians over the rounds. A peer that can run in several ways (precision, layout,
kernels) counts with its fastest one; ways that are 15 % slower than it in the first round are not repeated. A scene is
the network alone for the peers (63 patches in memory), and file to mask file for cloudmask: the time of some more
scenes divided by their number, so that start-up does not count. Prints tables; writes FOLDER/compare.json. Exit 1 when
something failed. --avx2 forbids cloudmask, PyTorch and oneDNN what a processor without AVX-512 lacks. --quick only
shows that all of it runs: its figures mean nothing.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

PEERS = pathlib.Path(__file__).resolve().parent / "peers"
sys.path.insert(0, str(PEERS))
import timing  # noqa: E402

# What PyTorch's own loops, and oneDNN below PyTorch and TensorFlow, may use.
AVX2_ONLY = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
OURS = "cloudmask"
WHATS = {"train": ("training, batch {batch}", "ms a patch"), "infer": ("inference, batch {batch}", "ms a patch"),
         "scene": ("a scene of 1200x1500; cloudmask file to mask file, peers 63 patches without files", "s")}
NOT_WORTH_REPEATING = 1.15
TIMEOUT_S = 3600


def ways_to_run(bf16):
    """(group, way, script and arguments) of each peer: the best precision that the machine has, and what else could
    be faster on it."""
    torch, tensorflow = "pytorch_unet.py", "tensorflow_unet.py"
    installed, tuned, compiled = ([torch, "--mode", mode] for mode in ("installed", "tuned", "compiled"))
    fp32, last, first = ["--precision", "fp32"], ["--layout", "channels_last"], ["--layout", "contiguous"]
    if bf16:
        half = ["--precision", "bf16"]
        return [("PyTorch as installed", "fp32, contiguous", installed + fp32 + first),
                ("PyTorch as installed", "bf16, channels-last", installed + half + last),
                ("PyTorch tuned", "bf16, channels-last", tuned + half + last),
                ("PyTorch compiled", "bf16, channels-last", compiled + half + last),
                ("TensorFlow", "fp32", [tensorflow] + fp32),
                ("TensorFlow", "mixed bf16", [tensorflow] + half)]
    return [("PyTorch as installed", "fp32, contiguous", installed + fp32 + first),
            ("PyTorch as installed", "fp32, channels-last", installed + fp32 + last),
            ("PyTorch tuned", "fp32, contiguous", tuned + fp32 + first),
            ("PyTorch tuned", "fp32, channels-last", tuned + fp32 + last),
            ("PyTorch compiled", "fp32, channels-last", compiled + fp32 + last),
            ("TensorFlow", "fp32, oneDNN", [tensorflow, "--onednn", "1"] + fp32),
            ("TensorFlow", "fp32, Eigen", [tensorflow, "--onednn", "0"] + fp32)]


def value_of(what, record):
    return record["s_per_scene" if what == "scene" else "ms_per_patch"]


def last_json(text):
    """The record that a peer prints last; libraries may have said something before it."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    if not lines:
        raise ValueError("printed no record")
    return json.loads(lines[-1])


def steady_scene_s(few, few_s, many, many_s):
    """Seconds of one more scene, from the wall times of a run over few and one over many."""
    return (many_s - few_s) / (many - few)


def worth_repeating(what, runs):
    """Keys (group, way) that are near the fastest of their group. `runs` maps each key to its records."""
    value = {key: min(value_of(what, record) for record in records) for key, records in runs.items() if records}
    return {key for key in value
            if value[key] <= NOT_WORTH_REPEATING * min(value[other] for other in value if other[0] == key[0])}


def summarise(what, runs):
    """A row for each (group, way): median over its records, whether it counts for its group, its ratio to cloudmask."""
    rows = []
    for (group, way), records in runs.items():
        if not records:
            continue
        last = records[-1]
        rows.append({
            "what": what, "group": group, "way": way or last["precision"], "unit": WHATS[what][1],
            "value": statistics.median(value_of(what, record) for record in records),
            "values": [value_of(what, record) for record in records], "precision": last["precision"],
            "peak_memory_bytes": max(record["peak_memory_bytes"] for record in records),
            "version": last.get("version"),
            "details": {key: last[key] for key in ("layout", "onednn", "allocator", "page_faults") if key in last}})
    for row in rows:
        fastest = min(other["value"] for other in rows if other["group"] == row["group"])
        row["counts"] = row["value"] == fastest
    ours = [row["value"] for row in rows if row["group"] == OURS]
    for row in rows:
        row["ratio"] = row["value"] / ours[0] if ours else None
    return rows


def table(rows, batch):
    """Rows as text: what counts, and indented below it what was slower."""
    text = ""
    for what, (title, unit) in WHATS.items():
        chosen = [row for row in rows if row["what"] == what]
        if not chosen:
            continue
        text += f"\n{title.format(batch=batch)}\n{'':46}{unit:>12}{'ratio':>8}{'spread':>9}{'memory':>10}\n"
        groups = list(dict.fromkeys(row["group"] for row in chosen))
        for row in sorted(chosen, key=lambda row: (groups.index(row["group"]), not row["counts"], row["value"])):
            name = f"{row['group']} ({row['way']})" if row["counts"] else f"    slower: {row['way']}"
            spread = (max(row["values"]) - min(row["values"])) / row["value"]
            ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
            memory = row["peak_memory_bytes"] / 1e9
            text += f"{name:46}{row['value']:12.4g}{ratio:>8}{spread:9.1%}{memory:7.2f} GB\n"
    return text


class Cloudmask:
    """cloudmask's own figures, and the scenes and the model that they take."""

    def __init__(self, options):
        self.program, self.folder, self.options = options.program.resolve(), options.folder / "compare", options
        self.few, self.many = (1, 2) if options.quick else (4, 12)
        self.shared = ["--set", f"threads={options.threads}", "--set", f"batch_size={options.batch}"]
        if options.avx2:
            self.shared += ["--set", "kernels=avx2"]

    def run(self, *arguments):
        """Wall time in seconds and peak memory in bytes."""
        start = time.perf_counter()
        process = subprocess.Popen([self.program, *map(str, arguments)], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"cloudmask {arguments[0]}: exit {process.returncode}")
        return time.perf_counter() - start, usage.ru_maxrss * 1024

    def prepare(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        scenes, train, out = self.folder / f"scenes-{self.many}", self.folder / "train", self.folder / "out"
        for folder, count, seed in ((scenes, self.many, 1), (train, 2, 2)):
            if len(list(folder.glob("*.hdf"))) != count:
                self.run("synth", folder, "--scenes", count, "--seed", seed, "--quiet")
        self.scenes = sorted(scenes.glob("*.hdf"))
        self.model = self.folder / "model.h5"
        config = self.folder / "train.yaml"
        config.write_text(f"train_dir: {train}\noutput_dir: {out}\nmodel_file: {self.model}\nlog_file: {out}/log\n"
                          f"mlperf_logfile: {out}/mlperf.log\ntrain_split: 0.5\nepochs: 1\n"
                          "normalisation: reference\n")
        self.run("train", "--config", config, "--quiet", *self.shared, "--set", "batch_size=4")
        events = [json.loads(line) for line in (out / "run.jsonl").read_text().splitlines()]
        self.precision = [event["machine"]["precision"] for event in events if "machine" in event][-1]

    def measure(self, what):
        if what != "scene":
            return self.bench(what)
        seconds, peak = {}, 0
        for count in (self.few, self.many):
            seconds[count], memory = self.run("infer", "--model", self.model, "--output", self.folder / "masks",
                                              "--overwrite", "--quiet", *self.shared, *self.scenes[:count])
            peak = max(peak, memory)
        return {"s_per_scene": steady_scene_s(self.few, seconds[self.few], self.many, seconds[self.many]),
                "precision": self.precision, "peak_memory_bytes": peak}

    def bench(self, what):
        """The record of `cloudmask bench`, with the reference's input, as the peers have it."""
        file = self.folder / f"{what}.json"
        self.run("bench", what, "--json", file, *self.shared, "--set", "normalisation=reference")
        return json.loads(file.read_text())

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def measure_peer(options, what, command):
    script, *arguments = command
    quick = ["--seconds", "0", "--least", "1"] if options.quick else []
    shared = ["--batch", str(options.batch), "--threads", str(options.threads)]
    done = subprocess.run([options.python, PEERS / script, "--what", what, *arguments, *shared, *quick],
                          capture_output=True, text=True, timeout=TIMEOUT_S,
                          env={**os.environ, **(AVX2_ONLY if options.avx2 else {}),
                               "OMP_NUM_THREADS": str(options.threads)})
    if done.returncode != 0:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return last_json(done.stdout)


def measure_all(options, ours, whats):
    """Records of each what and (group, way), and what failed."""
    entries = {(OURS, ""): None}
    entries.update({(group, way): command for group, way, command in ways_to_run(timing.has_bf16() and not options.avx2)})
    records = {what: {key: [] for key in entries} for what in whats}
    alive = {what: set(entries) for what in whats}
    failures = []
    for turn in range(options.rounds):
        for what in whats:
            order = list(entries)[turn % len(entries):] + list(entries)[:turn % len(entries)]
            for key in [key for key in order if key in alive[what]]:
                name = f"{what}: {' '.join(filter(None, key))}"
                try:
                    record = ours.measure(what) if entries[key] is None else measure_peer(options, what, entries[key])
                    records[what][key].append(record)
                    figure = f"{value_of(what, record):9.4g} {WHATS[what][1]}"
                    print(f"round {turn + 1}/{options.rounds}  {name:50} {figure}", flush=True)
                except (RuntimeError, ValueError, OSError, subprocess.TimeoutExpired) as error:
                    failures.append(f"{name}: {error}")
                    alive[what].discard(key)
                    print(f"round {turn + 1}/{options.rounds}  {name} failed: {error}", flush=True)
            if turn == 0:
                alive[what] &= worth_repeating(what, records[what])
    return records, failures


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--python", type=pathlib.Path, required=True, help="one that has torch and tensorflow")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("build/bench"), help="default build/bench")
    parser.add_argument("--rounds", type=int, help="default 3")
    parser.add_argument("--batch", type=int, help="patches a step (default 32)")
    parser.add_argument("--threads", type=int, default=timing.cores(), help="default: all cores")
    parser.add_argument("--only", nargs="+", choices=list(WHATS), default=list(WHATS))
    parser.add_argument("--avx2", action="store_true", help="as on a processor without AVX-512")
    parser.add_argument("--quick", action="store_true", help="one round, batch 2, one repetition: does it run?")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.batch = options.batch or (2 if options.quick else 32)
    return options


def main():
    options = parse_arguments()
    load = os.getloadavg()[0]
    if load > 0.5 and not options.quick:
        print(f"compare.py: warning: other programs are running (load {load:.1f}): figures will mean little")
    ours = Cloudmask(options)
    ours.prepare()
    records, failures = measure_all(options, ours, options.only)
    rows = [row for what in options.only for row in summarise(what, records[what])]
    cpu = timing.cpu()
    versions = sorted({ours.version(), *(row["version"] for row in rows if row["version"])})
    result = {"cpu": cpu["model"], "flags": cpu["flags"], "threads": options.threads, "rounds": options.rounds,
              "batch_size": options.batch, "quick": options.quick, "avx2": options.avx2, "load_before": load,
              "versions": versions, "rows": rows, "failures": failures}
    file = options.folder / "compare.json"
    file.write_text(json.dumps(result, indent=1) + "\n")
    limit = ", AVX2 at most" if options.avx2 else ""
    print(f"\n{cpu['model']} ({' '.join(cpu['flags'])}{limit}), {options.threads} threads\n{', '.join(versions)}\n"
          f"medians of {options.rounds} rounds; ratio: time of cloudmask = 1; memory: the process's peak")
    print(table(rows, options.batch) + f"\n{file}")
    if options.quick:
        print("--quick: these figures mean nothing")
    for failure in failures:
        print(f"compare.py: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
