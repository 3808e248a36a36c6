"""Nothing is lost when a run is stopped or killed."""

import signal
import time

import pytest

from conftest import start, wait_for

LONG = {"epochs": 6, "deterministic": "true", "batch_size": 1, "precision": "fp32"}


def test_killed_run_goes_on_and_ends_bit_for_bit_the_same(program):
    program("train", "--config", program.config("whole.yaml", model_file="whole/model.h5", output_dir="whole", **LONG))
    config = program.config(**LONG)
    process = start(program, "train", "--config", config)
    wait_for((program.folder / "out/model.h5.checkpoint").exists, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    program("train", "--config", config, "--resume")
    assert (program.folder / "out/model.h5").read_bytes() == (program.folder / "whole/model.h5").read_bytes()


def test_ctrl_c_saves_says_how_to_go_on_and_exits_130(program):
    config = program.config(**{**LONG, "epochs": 100000})
    process = start(program, "train", "--config", config)
    wait_for((program.folder / "out/model.h5").exists, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume" in errors


@pytest.mark.parametrize("command", [
    ["synth", "many", "--scenes", "5000", "--height", "128", "--width", "128"],
    ["bench", "train", "--config", "run.yaml"],
    ["bench", "read", "train"],
])
def test_the_first_signal_ends_any_long_work(program, command):
    program.config()
    process = start(program, *command)
    time.sleep(3)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "stopped by a signal" in errors


def test_resume_with_other_settings_is_refused(program):
    program("train", "--config", program.config(epochs=1))
    assert "batch_size" in program.fault("train", "--config", program.config(epochs=2, batch_size=5), "--resume")
