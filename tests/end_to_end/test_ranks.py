"""Several processes: the result of one, and a clear end whatever happens to one of them."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

from conftest import PROGRAM, start, wait_for

pytestmark = pytest.mark.skipif(shutil.which("mpirun") is None, reason="needs Open MPI")

# Larger steps let Adam magnify rounding: one process with two threads then differs as much from one with one.
EXACT = {"precision": "fp32", "threads": 1, "epochs": 2, "batch_size": 5, "learning_rate": 0.0002}
AS_ROOT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def events(program, kind, output="out"):
    lines = (program.folder / output / "run.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def losses(program, output="out"):
    return [(epoch["train_loss"], epoch["test_loss"]) for epoch in events(program, "epoch", output)]


def mpirun(program, ranks, *arguments, each=(), code=0):
    """As users start it; `each`: more arguments of the ranks one by one."""
    words = ["mpirun", "--oversubscribe", "--bind-to", "none"]
    if each:
        words += sum([[":", "-n", "1", PROGRAM, *arguments, *own] for own in each], [])[1:]
    else:
        words += ["-n", str(ranks), PROGRAM, *arguments]
    done = subprocess.run(words, cwd=program.folder, capture_output=True, text=True, timeout=300, env=AS_ROOT)
    assert done.returncode == code, done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("cloudmask: ")]


def children(pid):
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:  # ended
        return []


def ranks_of(process):
    """Process numbers below `process` (mpirun between), the first rank first."""
    return sorted(rank for mpirun_pid in children(process.pid) for rank in children(mpirun_pid))


@pytest.mark.parametrize("batch_size", [5, 2])
def test_any_number_of_ranks_gives_the_losses_of_one(program, batch_size):
    """36 training and 9 test patches: uneven shares, ranks without a patch in the last batch, or in any."""
    reference = None
    for ranks in (1, 2, 3, 4):
        output = f"out{ranks}"
        config = program.config(**{**EXACT, "batch_size": batch_size, "gpu": ranks, "output_dir": output,
                                   "model_file": f"{output}/model.h5"})
        program("train", "--config", config)
        found = losses(program, output)
        reference = reference or found
        assert len(found) == 2
        for (train, test), (train_of_one, test_of_one) in zip(found, reference):
            assert train == pytest.approx(train_of_one, rel=1e-4)
            assert test == pytest.approx(test_of_one, rel=1e-4)
        assert events(program, "training_start", output)[0]["machine"]["ranks"] == ranks
        assert sorted(path.name for path in (program.folder / output).iterdir()) == [
            "metrics.yml", "model.h5", "model.h5.checkpoint", "report.html", "run.jsonl", "tensorboard"]


def test_a_whole_run_on_two_ranks_and_its_logs(program):
    program("run", "--config", program.config(gpu=2, epochs=1, threads=1))
    assert len(list((program.folder / "out").glob("*.hdf.h5"))) == 3
    assert len((program.folder / "out/cloudMask_Log").read_text().splitlines()) == 2
    values = dict(re.findall(r'"key": "(\w+)", "value": (\d+)', (program.folder / "out/mlperf.log").read_text()))
    assert (values["number_of_ranks"], values["number_of_nodes"], values["global_batch_size"]) == ("2", "1", "4")


def test_ranks_share_the_scenes_of_an_inference(program):
    config = program.config(epochs=1, threads=1)
    program("train", "--config", config)
    program("infer", "--config", config, "--set", "gpu=3")
    scenes = [event["name"] for event in events(program, "scene")]
    assert sorted(scenes) == sorted(path.name for path in (program.folder / "test").glob("*.hdf"))
    assert not any(event["skipped"] or event["error"] for event in events(program, "scene"))
    assert events(program, "inference_end")[0]["masked"] == 3
    bad = sorted((program.folder / "test").glob("*.hdf"))[1]
    bad.write_bytes(b"")
    done = program("infer", "--config", config, "--set", "gpu=2", "--overwrite", code=1)
    assert done.stderr.count(f"{bad.name} is empty") + done.stderr.count(f"{bad.name}: is empty") >= 1


def test_bench_allreduce(program):
    settings = ["--set", "gpu=2", "--set", "gradient_precision=bf16"]
    rows = json.loads(program("bench", "allreduce", *settings, "--json", "-").stdout)
    assert rows["ranks"] == 2 and rows["sent_as"] == "bf16" and rows["sizes"][0]["message_bytes"] == 4
    assert "several processes" in program.fault("bench", "allreduce", code=2)


@pytest.mark.parametrize("ranks", [2, 3])
def test_gradients_sent_as_bf16_change_the_losses_little(program, ranks):
    program("train", "--config", program.config(**EXACT))
    config = program.config(**{**EXACT, "gpu": ranks, "gradient_precision": "bf16", "output_dir": "bf16",
                               "model_file": "bf16/model.h5"})
    program("train", "--config", config)
    found, expected = losses(program, "bf16"), losses(program)
    assert found != expected
    for of_bf16, of_fp32 in zip(found, expected, strict=True):
        assert of_bf16 == pytest.approx(of_fp32, rel=2e-3)


@pytest.mark.parametrize("sent_as", ["fp32", "bf16"])
def test_deterministic_ranks_repeat_bit_for_bit(program, sent_as):
    models = []
    for name in ("a", "b"):
        config = program.config(**{**EXACT, "gpu": 2, "deterministic": "true", "gradient_precision": sent_as,
                                   "model_file": f"{name}/model.h5"})
        program("train", "--config", config)
        models.append((program.folder / name / "model.h5").read_bytes())
    assert models[0] == models[1]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_stops_all_ranks_and_another_number_goes_on(program, stop):
    whole = program.config("whole.yaml", **{**EXACT, "epochs": 3, "output_dir": "whole", "model_file": "whole/model.h5"})
    program("train", "--config", whole)
    config = program.config(**{**EXACT, "epochs": 1000})
    process = start(program, "train", "--config", config, "--set", "gpu=2")
    wait_for((program.folder / "out/model.h5").exists, process)
    process.send_signal(stop)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    last = [line for line in errors.splitlines() if line.startswith("cloudmask: ")]
    assert len(last) == 1 and "--resume" in last[0], errors
    done = len(losses(program))
    program("train", "--config", config, "--set", "gpu=3", "--set", f"epochs={max(3, done + 1)}", "--resume")
    for found, expected in zip(losses(program), losses(program, "whole")):
        assert found == pytest.approx(expected, rel=1e-4)


def test_the_users_own_mpirun(program):
    assert mpirun(program, 2, "train", "--config", program.config(**EXACT)) == []
    assert events(program, "training_start")[0]["machine"]["ranks"] == 2


def test_wrong_launches_are_refused_before_training(program):
    config = program.config(**EXACT)
    assert "nodes: 2" in program.fault("train", "--config", config, "--set", "nodes=2", code=2)
    train = ["train", "--config", config]
    fault, = mpirun(program, 2, *train, "--set", "gpu=1", code=2)
    assert "gpu: 1 is configured, but 2 processes" in fault
    fault, = mpirun(program, 2, *train, "--set", "nodes=3", code=2)
    assert "nodes: 3 is configured, but the processes run on 1" in fault
    by_srun = {**os.environ, "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2"}
    done = program(*train, code=2, env=by_srun)
    assert "each would believe that it is alone; start them with srun --mpi=pmix" in done.stderr
    fault, = mpirun(program, 2, *train, each=[["--set", "gradient_precision=bf16"], []], code=2)
    assert "'gradient_precision: fp32', rank 0 has 'gradient_precision: bf16'" in fault
    fault, = mpirun(program, 2, *train, each=[["--set", "epochs=2"], ["--set", "epochs=3"]], code=2)
    assert "rank 1" in fault and "'epochs: 3', rank 0 has 'epochs: 2'" in fault
    assert not (program.folder / "out").exists()


def test_a_scene_that_one_rank_cannot_read_ends_all_with_its_name(program):
    bad = sorted((program.folder / "train").glob("*.hdf"))[0]
    bad.write_bytes(bad.read_bytes()[:5000])
    fault = program.fault("train", "--config", program.config(**EXACT), "--set", "gpu=2")
    assert "rank" in fault and bad.name in fault


def test_an_output_that_cannot_be_written_ends_all(program):
    (program.folder / "file").write_text("")
    settings = {**EXACT, "gpu": 2, "model_file": "file/model.h5"}
    assert "model_file" in program.fault("train", "--config", program.config(**settings))


def test_a_killed_rank_ends_the_job_by_name(program):
    process = start(program, "train", "--config", program.config(**{**EXACT, "epochs": 1000}), "--set", "gpu=3")
    wait_for((program.folder / "out/model.h5").exists, process)
    os.kill(ranks_of(process)[1], signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert re.search(r"cloudmask: rank 1 on \S+ was ended by signal 9 \(Killed\)", errors), errors


def test_a_killed_rank_ends_an_inference_and_the_next_one_makes_the_rest(program):
    program("train", "--config", program.config(**{**EXACT, "epochs": 1, "base_filters": 16}))
    scene = sorted((program.folder / "test").glob("*.hdf"))[0]
    for copy in range(40):  # seconds of work: when the first is done, each rank holds others
        shutil.copy(scene, scene.with_name(f"{scene.stem}_{copy}.hdf"))
    infer = ["infer", "--config", "run.yaml", "--set", "gpu=2"]
    program(*infer, "--output", "whole")
    whole = {mask.name: mask.read_bytes() for mask in (program.folder / "whole").glob("*.h5")}
    assert len(whole) == 43

    masks = program.folder / "masks"
    process = start(program, *infer, "--output", "masks")
    wait_for(lambda: list(masks.glob("*.hdf.h5")), process)
    os.kill(ranks_of(process)[1], signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert re.search(r"cloudmask: rank 1 on \S+ was ended by signal 9 \(Killed\)", errors), errors
    made = {mask: mask.stat().st_mtime_ns for mask in masks.glob("*.hdf.h5")}
    assert 0 < len(made) < len(whole)
    assert all(mask.read_bytes() == whole[mask.name] for mask in made)

    program(*infer, "--output", "masks")
    assert {mask.name: mask.read_bytes() for mask in masks.glob("*.h5")} == whole
    assert all(mask.stat().st_mtime_ns == time_ns for mask, time_ns in made.items())


@pytest.mark.parametrize("victim", [0, 1])
def test_a_stopped_rank_ends_the_job_by_name_within_a_minute(program, victim):
    process = start(program, "train", "--config", program.config(**{**EXACT, "epochs": 100000}), "--set", "gpu=2")
    wait_for((program.folder / "out/model.h5").exists, process)
    pids = ranks_of(process)
    os.kill(pids[victim], signal.SIGSTOP)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert re.search(rf"cloudmask: rank {victim} on \S+ gave no sign of life", errors), errors
    deadline = time.monotonic() + 5  # they have been killed, but may take a moment
    while any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, "left running"
        time.sleep(0.05)
