#!/usr/bin/env python3
"""Strong and weak scaling of training on this machine, and what to expect of more: a study and its report.

    bench/scaling.py --program build/cloudmask --folder FOLDER [--ranks N ...] [--repeats N] [--target-accuracy A]
                     [--hosts N ...] [--mbit N] [--cluster FILE] [--set KEY=VALUE ...]

Makes scenes, times the sum over ranks, trains each number of ranks with the same batch (strong) and with the same
batch a rank (weak), by turns and each of them several times, and calls `cloudmask report --scaling FOLDER`. On GPUs a
rank has one of them; without GPUs it has one core and one thread. With --hosts the ranks are also spread over that
many machines of their own, one each: network namespaces of this one (takes root), whose links carry --mbit.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/hosts"))
import hosts as test_hosts  # noqa: E402


def run(*words):
    subprocess.run([*map(str, words)], check=True)


def count_gpus(program):
    """As cloudmask sees them."""
    told = subprocess.run([program, "info"], capture_output=True, text=True, check=True).stdout
    rows = dict(line.split(maxsplit=1) for line in told.splitlines() if line.strip())
    return int(rows.get("GPUs", 0))


def default_ranks(most):
    return sorted({most, *(2 ** i for i in range(most.bit_length()) if 2 ** i <= most)})


def batches(options, ranks):
    """The strong batch, twice the largest weak one so that all ranks are timed with several numbers of patches, and
    the weak one."""
    return {2 * options.batch_per_rank * max(options.ranks), options.batch_per_rank * ranks}


class Study:
    def __init__(self, options, gpus):
        self.options = options
        self.settings = [word for setting in options.set for word in ("--set", setting)]
        if not gpus:
            self.settings = ["--set", "threads=1", *self.settings]
        self.scenes = options.folder / f"scenes-{options.scenes}"

    def make_scenes(self):
        if not self.scenes.exists():
            run(self.options.program, "synth", self.scenes, "--scenes", self.options.scenes, "--height", 520, "--width",
                1040, "--quiet")

    def words(self, name, batch):
        """Of one training, into an empty folder."""
        out = self.options.folder / "runs" / name
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        config = out / "run.yaml"
        config.write_text(f"train_dir: {self.scenes}\noutput_dir: {out}\nmodel_file: {out}/model.h5\n"
                          f"log_file: {out}/log\nmlperf_logfile: {out}/mlperf.log\nepochs: {self.options.epochs}\n"
                          f"target_accuracy: {self.options.target_accuracy}\n")
        return [self.options.program, "train", "--quiet", "--config", config, *self.settings, "--set",
                f"batch_size={batch}"]

    def time_sums(self):
        for ranks in self.options.ranks:
            if ranks > 1:
                run(self.options.program, "bench", "allreduce", *self.settings, "--set", f"gpu={ranks}", "--json",
                    self.options.folder / f"allreduce-{ranks}.json")
        for machines in self.options.hosts:
            with test_hosts.Hosts(machines, self.options.mbit) as made:
                run(*made.mpirun(1, self.options.program, "bench", "allreduce", *self.settings, "--json",
                                 self.options.folder / f"allreduce-{machines}-hosts.json"))

    def train(self, turn):
        for ranks in self.options.ranks:
            for batch in sorted(batches(self.options, ranks)):
                print(f"turn {turn}: {ranks} ranks, batch {batch}", flush=True)
                run(*self.words(f"ranks-{ranks}-batch-{batch}-{turn}", batch), "--set", f"gpu={ranks}")
        for machines in self.options.hosts:
            for batch in sorted(batches(self.options, machines)):
                print(f"turn {turn}: {machines} machines, batch {batch}", flush=True)
                words = self.words(f"hosts-{machines}-batch-{batch}-{turn}", batch)
                with test_hosts.Hosts(machines, self.options.mbit) as made:
                    run(*made.mpirun(1, *words))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--ranks", type=int, nargs="+", help="default: powers of two up to the GPUs, or the cores")
    parser.add_argument("--repeats", type=int, default=3, help="of each training (default 3)")
    parser.add_argument("--epochs", type=int, help="default 3, the first of which does not count; 30 with a target")
    parser.add_argument("--batch-per-rank", type=int, default=4, help="weak scaling (default 4)")
    parser.add_argument("--scenes", type=int, default=10, help="of 8 patches (default 10)")
    parser.add_argument("--target-accuracy", type=float, default=0, help="train until then: time to accuracy")
    parser.add_argument("--hosts", type=int, nargs="+", default=[], help="numbers of machines of one rank each")
    parser.add_argument("--mbit", type=int, default=1000, help="Mbit/s of their links (default 1000)")
    parser.add_argument("--cluster", type=pathlib.Path, help="the machine to forecast for (default config/cluster.yaml)")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    options.epochs = options.epochs or (30 if options.target_accuracy else 3)
    options.program, options.folder = options.program.resolve(), options.folder.resolve()
    return options


def main():
    options = parse_arguments()
    gpus = count_gpus(options.program)
    cores = len(os.sched_getaffinity(0))
    options.ranks = options.ranks or default_ranks(gpus or cores)
    if not gpus and max(options.ranks + options.hosts) > cores:
        print(f"scaling.py: warning: {max(options.ranks + options.hosts)} ranks on {cores} cores share them: that is no "
              "scaling, and the report leaves out those that it can tell (not machines of --hosts)", file=sys.stderr)
    if options.hosts and test_hosts.missing():
        sys.exit(f"scaling.py: --hosts {test_hosts.missing()}")
    options.folder.mkdir(parents=True, exist_ok=True)
    study = Study(options, gpus)
    study.make_scenes()
    study.time_sums()
    for turn in range(1, options.repeats + 1):
        study.train(turn)
    cluster = ["--cluster", options.cluster] if options.cluster else []
    run(options.program, "report", "--scaling", options.folder, "--json", options.folder / "scaling.json", *cluster)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"scaling.py: {' '.join(map(str, error.cmd))}: exit {error.returncode}")
