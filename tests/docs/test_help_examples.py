"""The examples that `--help` gives are run, or left out for a reason."""

import shutil
import subprocess

import pytest
from commands import commands
from conftest import ENVIRONMENT, ROOT, run_program

# What stands in the line, and why it is not run.
NOT_RUN = {
    "mpirun": "needs several machines",
    "--device cuda": "needs a GPU",
    "cloudmask fetch": "needs the network",
    "bench train": "minutes, on an idle machine",
    "bench infer": "minutes, on an idle machine",
    "cloudMaskConfig.yaml": "the reference program's own file: tests/end_to_end/test_run.py",
    "~/.config": "writes below the home folder",
    "man -l": "needs man",
    "synth data/train": "twenty scenes of full size",
    "reference.keras": "made by TensorFlow: tests/model/keras_unet_test.cpp",
    "network.onnx": "made by PyTorch: tests/end_to_end/test_onnx.py",
    "....SEN3": "stands for a product's long name",
}


@pytest.fixture(scope="module")
def folder(prepared, tmp_path_factory):
    """As somebody's who has what the examples name."""
    folder = tmp_path_factory.mktemp("help") / "folder"
    shutil.copytree(prepared, folder)
    for source, target in (("scenes", "data/ssts"), ("scenes", "synthetic"), ("training", "year"), ("masks", "run1"),
                           ("screened", "run2")):
        shutil.copytree(folder / source, folder / target)
    first, second, *_ = sorted((folder / "scenes").glob("*.hdf"))
    shutil.copy(first, folder / "S3A_one.hdf")
    shutil.copy(second, folder / "S3A_two.hdf")
    shutil.copy(ROOT / "config/threshold_tests.yaml", folder / "my_tests.yaml")
    shutil.copy(ROOT / "config/cluster.yaml", folder / "ours.yaml")
    (folder / "config").symlink_to(ROOT / "config")
    subprocess.run(["cloudmask", "run", "--config", "run.yaml"], cwd=folder, env=ENVIRONMENT, check=True,
                   capture_output=True)
    for scene in ("S3A_one.hdf", "S3A_two.hdf"):
        run_program("infer", "--model", "cloudModel.h5", "--output", "output", scene, cwd=folder)
    return folder


def examples(command_line):
    for text in command_line.help.values():
        lines = text.split("Examples:")[1].split("\n\n")[0].splitlines()
        yield from (line.strip() for line in lines if line.startswith("  "))


def test_examples_run_in_the_order_of_the_commands(command_line, folder):
    ran, left_out = [], set()
    for line in examples(command_line):
        reason = [text for text in NOT_RUN if text in line]
        if reason:
            left_out.update(reason)
            continue
        done = subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        ran.append(line)
    assert len(ran) > 30
    assert left_out == set(NOT_RUN)  # no reason stays without its example


def test_examples_are_taken_by_the_command_line(command_line):
    said = [words for line in examples(command_line) for words in commands(line)]
    assert [fault for words in said if (fault := command_line.fault(words))] == []
