"""A folder in which the commands of the docs find what they name."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from commands import CommandLine

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("products", "support"):
    sys.path.insert(0, str(ROOT / "tests" / folder))
from make_sen3 import make_product  # noqa: E402
from recorded_study import record_study  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("CLOUDMASK_PROGRAM", "build/cloudmask")).resolve()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "models/README.md"]
ENVIRONMENT = {
    **os.environ,
    "PATH": os.pathsep.join([str(PROGRAM.parent), str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]),
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMP_WAIT_POLICY": "passive",  # other tests run beside these
}
# Seconds instead of minutes: a tiny network on small patches.
RUN_YAML = """train_dir: training
inference_dir: scenes
output_dir: output
model_file: output/cloudModel.h5
PATCH_SIZE: 64
CROP_SIZE: 16
base_filters: 4
batch_size: 4
epochs: 1
"""


def run_program(*arguments, cwd=None):
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, check=True, timeout=120, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(scope="session")
def command_line():
    return CommandLine(run_program)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Scenes, masks and the other things that pages name, as small as they can be."""
    folder = tmp_path_factory.mktemp("prepared")
    run_program("synth", "scenes", "--scenes", 2, "--seed", 3, "--height", 192, "--width", 200, cwd=folder)
    run_program("synth", "training", "--scenes", 4, "--seed", 1, "--height", 192, "--width", 200, cwd=folder)
    shutil.copy(ROOT / "models/cloudmask-synthetic.h5", folder / "cloudModel.h5")
    run_program("infer", "--model", "cloudModel.h5", "--output", "masks", "scenes", cwd=folder)
    run_program("screen", "--method", "threshold", "--output", "screened", "scenes", cwd=folder)
    make_product(folder / "products", rows=120, columns=150)
    record_study(folder / "study")
    (folder / "run.yaml").write_text(RUN_YAML)
    return folder


@pytest.fixture
def page_folder(prepared, tmp_path):
    """As a clone of the sources in which somebody has worked."""
    folder = tmp_path / "clone"
    shutil.copytree(prepared, folder)
    for name in ("bench", "config", "models", "tests", "tools"):
        (folder / name).symlink_to(ROOT / name)
    return folder
