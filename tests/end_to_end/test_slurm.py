"""Under Slurm's srun and sbatch. `make slurm` runs all of it, `make test` what takes seconds."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

from conftest import PROGRAM, wait_for
from test_ranks import EXACT, events, losses

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "slurm"))
from slurm import Slurm, missing  # noqa: E402

pytestmark = pytest.mark.skipif(missing() != "", reason=missing())
in_full = pytest.mark.skipif("CLOUDMASK_ALL_OF_SLURM" not in os.environ, reason="part of make slurm")

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
ENDLESS = {**EXACT, "epochs": 100000}


@pytest.fixture(scope="module")
def slurm():
    with Slurm(nodes=4) as started:
        yield started


def srun(slurm, program, *words, nodes=2, tasks=2, mpi="pmix"):
    """The words of a launch in the program's folder."""
    return slurm.words("srun", f"--mpi={mpi}", f"--nodes={nodes}", f"--ntasks={tasks}", f"--chdir={program.folder}",
                       PROGRAM, *words)


def run(words):
    return subprocess.run(words, capture_output=True, text=True, timeout=300)


def start_training(slurm, program):
    """Once it has written a checkpoint."""
    process = subprocess.Popen(srun(slurm, program, "train", "--config", program.config(**ENDLESS)),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for((program.folder / "out/model.h5.checkpoint").exists, process)
    return process


def job(slurm):
    """The number of the one job that runs."""
    return slurm("squeue", "--noheader", "--states=RUNNING", "--format=%A").stdout.strip()


def process_of(slurm, rank):
    """The process of a rank of the running job, from outside."""
    for pid in map(int, slurm.hosts.processes()):
        try:
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if command[0] == bytes(PROGRAM) and f"SLURM_PROCID={rank}".encode() in environment:
            return pid
    raise AssertionError(f"rank {rank} does not run")


def test_srun_on_one_node_and_on_two_gives_the_losses_of_one_process(slurm, program):
    program("train", "--config", program.config(output_dir="one", model_file="one/model.h5", **EXACT))
    for nodes, tasks in ((1, 2), (2, 2)):
        output = f"on{nodes}"
        config = program.config(output_dir=output, model_file=f"{output}/model.h5", nodes=nodes, **EXACT)
        done = run(srun(slurm, program, "train", "--config", config, nodes=nodes, tasks=tasks))
        assert done.returncode == 0, done.stderr
        machine = events(program, "training_start", output)[0]["machine"]
        assert (machine["ranks"], machine["nodes"]) == (tasks, nodes)
        for found, expected in zip(losses(program, output), losses(program, "one"), strict=True):
            assert found == pytest.approx(expected, rel=1e-4)


def test_wrong_launches_are_refused_before_training(slurm, program):
    config = program.config(**EXACT)
    for words, reason in (
            (srun(slurm, program, "train", "--config", config, mpi="none"), "each would believe that it is alone"),
            (srun(slurm, program, "train", "--config", config, "--set", "nodes=3"), "nodes: 3 is configured"),
            (srun(slurm, program, "train", "--config", config, "--set", "gpu=1", nodes=1), "gpu: 1 is configured")):
        done = run(words)
        assert done.returncode == 2 and reason in done.stderr, done.stderr
    assert not (program.folder / "out").exists()


@pytest.mark.parametrize("stop", [("--signal=USR1",), ()])
def test_scancel_saves_and_ends_and_one_process_goes_on(slurm, program, stop):
    process = start_training(slurm, program)
    slurm("scancel", *stop, job(slurm))
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    ours = [line for line in said.splitlines() if line.startswith("cloudmask: ")]
    assert len(ours) == 1 and "go on with --resume" in ours[0], said
    done = len(losses(program))
    program("train", "--config", "run.yaml", "--resume", "--set", f"epochs={done + 1}")
    assert len(losses(program)) == done + 1


@in_full
def test_a_killed_task_ends_the_job_by_name(slurm, program):
    process = start_training(slurm, program)
    os.kill(process_of(slurm, rank=1), signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    assert re.search(rf"{slurm.hosts.names[1]}: task 1: Killed", said), said


@in_full
def test_a_stopped_task_ends_the_job_by_name(slurm, program):
    process = start_training(slurm, program)
    os.kill(process_of(slurm, rank=1), signal.SIGSTOP)
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    assert f"rank 1 on {slurm.hosts.names[1]} gave no sign of life" in said


@in_full
def test_the_job_script_of_the_docs_runs_and_is_queued_again_when_its_time_is_up(slurm, program):
    section = (DOCS / "hpc.md").read_text().split("### Slurm\n")[1]
    script = re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]
    (program.folder / "job.sh").write_text(script)
    program.config(**{**ENDLESS, "batch_size": 16, "model_file": "cloudModel.h5"})
    submitted = slurm("sbatch", "--parsable", f"--chdir={program.folder}", "job.sh", cwd=program.folder,
                      env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"})
    assert submitted.returncode == 0, submitted.stderr
    number = submitted.stdout.strip()

    def epochs():
        return len(losses(program)) if (program.folder / "out/run.jsonl").exists() else 0

    def wait_until(condition):
        deadline = time.monotonic() + 240
        while not condition():
            output = "".join(path.read_text() for path in program.folder.glob("slurm-*.out"))
            assert time.monotonic() < deadline, slurm("scontrol", "show", "job").stdout + output
            time.sleep(0.5)

    wait_until(lambda: epochs() > 0)
    machine = events(program, "training_start")[0]["machine"]
    assert (machine["ranks"], machine["nodes"]) == (16, 4)
    slurm("scancel", "--signal=USR1", number)  # as Slurm does two minutes before the end
    wait_until(lambda: "Restarts=1" in slurm("scontrol", "show", "job", number).stdout)
    done = epochs()
    wait_until(lambda: epochs() > done)
    slurm("scancel", number)
    assert [event["epoch"] for event in events(program, "epoch")] == list(range(1, epochs() + 1))
