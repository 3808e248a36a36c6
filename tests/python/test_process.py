"""A guest in somebody's process: threads, LibTorch's state, other libraries, logging."""

import itertools
import os
import threading
import time

import numpy as np
import pytest

import cloudmask
from conftest import run_python

TORCH = os.environ.get("CLOUDMASK_TORCH", "")  # the package `torch`, where LibTorch comes from one


def with_torch(code, *arguments):
    if not os.path.exists(os.path.join(TORCH, "__init__.py")):
        pytest.skip("LibTorch is of no Python package")
    packages = os.path.dirname(TORCH)  # behind this Python's own
    return run_python(f"import sys; sys.path.append({packages!r})\n" + code, *arguments)


def test_other_threads_go_on(folder):
    counted, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    began = time.monotonic()
    before = counted[0]
    cloudmask.train(folder / "run.yaml", model_file=folder / "other.h5", epochs=4)
    took, made = time.monotonic() - began, counted[0] - before
    done.set()
    thread.join()
    assert made > 20 * took  # a lock that is held would leave a few


def test_threads_predict_at_once(folder):
    model, other = cloudmask.Model(folder / "model.h5"), cloudmask.Model(folder / "model.h5")
    files = sorted((folder / "test").glob("*.hdf"))
    wanted = {file: model.predict(cloudmask.open_scene(file)).probability for file in files}
    failed = []

    def work(index):
        for file in files[index % 3:] + files[:index % 3]:
            scene = cloudmask.open_scene(file)
            got = (model if index % 2 else other).predict(scene).probability
            if not np.array_equal(got, wanted[file], equal_nan=True):
                failed.append(file)
            cloudmask.screen(scene)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_torch_stays_as_its_user_left_it(folder, tmp_path):
    told = with_torch("""
import torch, cloudmask, threading
def state():
    return torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark
torch.set_num_threads(3)
torch.manual_seed(5)
wanted = torch.rand(4)
torch.manual_seed(5)
before = state()
model = cloudmask.Model(sys.argv[1], threads=2)
model.predict(cloudmask.open_scene(sys.argv[2], threads=1))
cloudmask.train(sys.argv[3], model_file=sys.argv[4], threads=1, epochs=1)
assert state() == before, (state(), before)
seen = []
thread = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
thread.start(); thread.join()
assert seen == [3], seen
assert torch.equal(torch.rand(4), wanted)
print("kept")
""", folder / "model.h5", sorted((folder / "test").glob("*.hdf"))[0], folder / "run.yaml", tmp_path / "model.h5")
    assert told == "kept\n"


@pytest.mark.parametrize("order", list(itertools.permutations(["h5py", "torch", "cloudmask"])), ids="-".join)
def test_modules_are_imported_in_any_order(folder, order):
    told = with_torch(f"import {', '.join(order)}" + """
scene = cloudmask.open_scene(sys.argv[2])
with h5py.File(sys.argv[2]) as file:
    assert (file["bts"][:] == scene.brightness_temperature_k).sum() > 0
cloudmask.Model(sys.argv[1]).predict(scene)
image = torch.rand(1, 3, 32, 32)
torch.nn.functional.conv2d(image, torch.rand(4, 3, 3, 3))
loaded = {line.split()[-1] for line in open("/proc/self/maps") if "libtorch_cpu" in line}
print(len(loaded))
""", folder / "model.h5", sorted((folder / "test").glob("*.hdf"))[0])
    assert told == "1\n"


def test_another_torch_is_refused_in_words(tmp_path):
    package = tmp_path / "torch"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (tmp_path / "torch-2.5.1.dist-info").mkdir()
    (tmp_path / "torch-2.5.1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.5.1\n")
    told = run_python("""
import sys
sys.path.insert(0, sys.argv[1])
try:
    import cloudmask
except ImportError as error:
    print(error)
""", tmp_path)
    assert "but torch 2.5.1 is installed; install that torch" in told


def test_messages_go_to_logging(folder, tmp_path):
    told = run_python("""
import logging, sys
logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s", stream=sys.stdout)
import cloudmask
cloudmask.learn_tables(sys.argv[2], [sys.argv[1]])
""", folder / "test", tmp_path / "tables.h5")
    assert "cloudmask INFO tables learnt without labels" in told


def test_nothing_is_said_by_default(folder, tmp_path):
    code = "import sys, cloudmask; cloudmask.learn_tables(sys.argv[2], [sys.argv[1]])"
    assert run_python(code, folder / "test", tmp_path / "tables.h5") == ""
