import os
import pathlib
import subprocess
import sys

import pytest

import cloudmask

PROGRAM = pathlib.Path(os.environ.get("CLOUDMASK_PROGRAM", "build/cloudmask")).resolve()

# Seconds instead of minutes: a tiny network on small patches.
SMALL = {"PATCH_SIZE": 64, "CROP_SIZE": 16, "base_filters": 4, "batch_size": 4, "learning_rate": 0.005, "threads": 2,
         "epochs": 2, "deterministic": True}


def run_program(*arguments):
    subprocess.run([PROGRAM, "--quiet", *map(str, arguments)], check=True, timeout=300)


def run_python(code, *arguments, **options):
    """What a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=300,
                          **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Scenes to train on and to mask, and a model that the program trained."""
    folder = tmp_path_factory.mktemp("python")
    cloudmask.synth(folder / "train", 5, seed=1, height_px=192, width_px=200)
    cloudmask.synth(folder / "test", 3, seed=2, height_px=150, width_px=170)
    settings = {**SMALL, "train_dir": folder / "train", "output_dir": folder / "run", "model_file": folder / "model.h5",
                "log_file": folder / "run/log", "mlperf_logfile": folder / "run/mlperf"}
    (folder / "run.yaml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
    run_program("train", "--config", folder / "run.yaml")
    return folder


@pytest.fixture
def scene_file(folder):
    return sorted((folder / "test").glob("*day.hdf"))[0]


@pytest.fixture
def scene(scene_file):
    return cloudmask.open_scene(scene_file)
