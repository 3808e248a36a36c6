"""Results on standard output, messages on standard error, colour only where it is wanted."""

import os
import pty
import subprocess

import pytest
from conftest import PROGRAM

# What is a result, and so may be piped; of the others the files are.
RESULTS = (["evaluate", "--masks", "out", "--scenes", "test"], ["info", "out/model.h5"], ["check", "--config", "run.yaml"],
           ["report", "out"], ["completion", "bash"], ["manual", "train"], ["sst", "--output", "sst", "test"])
FILES = (["screen", "--method", "threshold", "--output", "screened", "test"],
         ["infer", "--model", "out/model.h5", "--output", "masks", "test"],
         ["quicklook", "--masks", "out", "--output", "pictures", "test"],
         ["synth", "made", "--scenes", "1", "--height", "64", "--width", "64"],
         ["export", "--model", "out/model.h5", "--to", "onnx", "model.onnx"])


@pytest.mark.parametrize("command", RESULTS, ids=lambda command: command[0])
def test_results_are_alone_on_standard_output(finished_run, command):
    loud, quiet = finished_run(*command), finished_run("--quiet", *command)
    assert loud.stdout and quiet.stderr == ""
    if command[0] != "check":  # which tells the memory that is free
        assert quiet.stdout == loud.stdout


@pytest.mark.parametrize("command", FILES, ids=lambda command: command[0])
def test_commands_that_write_files_leave_standard_output_empty(finished_run, command):
    said = finished_run(*command)
    assert said.stdout == "" and said.stderr
    assert finished_run("--quiet", *command).stderr == ""


def on_a_terminal(**environment):
    """What a terminal gets of a fault."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", **environment}
    subprocess.run([PROGRAM, "info", "nothing.h5"], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    text = os.read(ours, 4096).decode()
    os.close(ours)
    return text


def test_faults_are_coloured_on_a_terminal_unless_no_color_is_set(finished_run):
    os.environ.pop("NO_COLOR", None)
    assert "\x1b[" in on_a_terminal()
    assert "\x1b[" in on_a_terminal(NO_COLOR="")
    assert "\x1b[" not in on_a_terminal(NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(TERM="dumb")
    assert "\x1b[" not in finished_run("info", "nothing.h5", code=1).stderr


def test_a_full_disk_behind_standard_output_is_told(finished_run):
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "info"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "cannot write to standard output" in done.stderr


def test_a_reader_that_goes_early_is_no_fault(finished_run):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([PROGRAM, "manual"], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert done.stderr == ""
