"""Several machines, as network namespaces."""

import json
import pathlib
import subprocess
import sys
import time

import pytest

from conftest import PROGRAM, wait_for

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hosts"))
from hosts import Hosts, missing  # noqa: E402

pytestmark = pytest.mark.skipif(missing() != "", reason=missing())

SETTINGS = {"precision": "fp32", "threads": 1, "epochs": 2, "batch_size": 5, "learning_rate": 0.0002}


def events(folder, kind):
    return [event for event in map(json.loads, (folder / "run.jsonl").read_text().splitlines()) if event["event"] == kind]


def test_two_machines_give_the_losses_of_one(program):
    program("train", "--config", program.config(output_dir="one", model_file="one/model.h5", **SETTINGS))
    config = program.config(output_dir="two", model_file="two/model.h5", nodes=2, **SETTINGS)
    with Hosts(2) as hosts:
        done = subprocess.run(hosts.mpirun(1, PROGRAM, "train", "--config", config), cwd=program.folder,
                              capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    machine = events(program.folder / "two", "training_start")[0]["machine"]
    assert (machine["ranks"], machine["nodes"]) == (2, 2)
    for one, two in zip(events(program.folder / "one", "epoch"), events(program.folder / "two", "epoch"), strict=True):
        for loss in ("train_loss", "test_loss"):
            assert two[loss] == pytest.approx(one[loss], rel=1e-4)


def test_machines_that_are_not_there_are_refused(program):
    config = program.config(nodes=3, **SETTINGS)
    with Hosts(2) as hosts:
        done = subprocess.run(hosts.mpirun(1, PROGRAM, "train", "--config", config), cwd=program.folder,
                              capture_output=True, text=True, timeout=300)
    assert done.returncode != 0 and "nodes: 3" in done.stderr


def test_a_machine_that_is_cut_off_ends_the_job_on_all_and_training_resumes_elsewhere(program):
    settings = {**SETTINGS, "epochs": 1000}
    config = program.config(**settings)
    model = program.folder / "out/model.h5.checkpoint"
    with Hosts(2) as hosts:
        process = subprocess.Popen(hosts.mpirun(1, PROGRAM, "train", "--config", config), cwd=program.folder,
                                   stderr=subprocess.PIPE, text=True)
        wait_for(model.exists, process)
        assert model.exists()
        start = time.monotonic()
        hosts.cut_off(1)
        _, said = process.communicate(timeout=60)  # what is left then ends with the machines
        assert process.returncode != 0
        while hosts.processes() and time.monotonic() - start < 60:
            time.sleep(0.2)
        assert hosts.processes() == [], said
        assert hosts.names[1] in said or hosts.addresses[1] in said
    done = len(events(program.folder / "out", "epoch"))
    program("train", "--config", config, "--resume", "--set", f"epochs={done + 1}")
