import os
import pathlib
import subprocess
import time

import pytest

PROGRAM = pathlib.Path(os.environ.get("CLOUDMASK_PROGRAM", "build/cloudmask")).resolve()

# Seconds instead of minutes: a tiny network on small patches.
SMALL = {"PATCH_SIZE": 64, "CROP_SIZE": 16, "base_filters": 4, "batch_size": 4, "learning_rate": 0.005, "threads": 2}


class Program:
    """Runs the real program in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *arguments, code=0, **options):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                              timeout=300, **options)
        assert done.returncode == code, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "terminate called" not in done.stderr
        return done

    def fault(self, *arguments, code=1):
        """The one line that a failure prints."""
        lines = [line for line in self(*arguments, code=code).stderr.splitlines() if "warning" not in line]
        assert len(lines) == 1 and lines[0].startswith("cloudmask: "), lines
        return lines[0]

    def config(self, name="run.yaml", **settings):
        paths = {"train_dir": "train", "inference_dir": "test", "output_dir": "out", "model_file": "out/model.h5",
                 "log_file": "out/cloudMask_Log", "mlperf_logfile": "out/mlperf.log"}
        (self.folder / name).write_text("".join(f"{k}: {v}\n" for k, v in {**SMALL, **paths, **settings}.items()))
        return name


def start(program, *arguments):
    """The program, while the test goes on."""
    return subprocess.Popen([PROGRAM, *arguments], cwd=program.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def wait_for(condition, process):
    """Until the condition holds, the process has ended or two minutes are over."""
    deadline = time.monotonic() + 120
    while not condition() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """Five scenes to train on and three to mask."""
    folder = tmp_path_factory.mktemp("scenes")
    program = Program(folder)
    program("synth", "train", "--scenes", 5, "--seed", 1, "--height", 192, "--width", 200)
    program("synth", "test", "--scenes", 3, "--seed", 2, "--height", 150, "--width", 170)
    return folder


@pytest.fixture
def program(tmp_path, scenes):
    for name in ("train", "test"):
        (tmp_path / name).mkdir()
        for scene in (scenes / name).glob("*.hdf"):
            (tmp_path / name / scene.name).write_bytes(scene.read_bytes())
    return Program(tmp_path)


@pytest.fixture(scope="session")
def finished_run(scenes):
    """A whole run: train, infer, evaluate, report."""
    program = Program(scenes)
    program.output = program("run", "--config", program.config(epochs=2)).stdout
    return program
