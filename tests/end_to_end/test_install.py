"""The installed tree serves programs of others: examples/mask_scene is built against it with find_package."""

import os
import pathlib
import subprocess

import h5py

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_example_builds_and_masks_a_scene_like_the_program(finished_run, tmp_path):
    build = os.environ["CLOUDMASK_BUILD"]
    subprocess.run(["cmake", "--install", build, "--prefix", tmp_path / "tree"], check=True, capture_output=True)
    subprocess.run(["cmake", "-S", ROOT / "examples/mask_scene", "-B", tmp_path / "example", "-G", "Ninja",
                    f"-DCMAKE_PREFIX_PATH={tmp_path / 'tree'}"], check=True, capture_output=True)
    subprocess.run(["cmake", "--build", tmp_path / "example"], check=True, capture_output=True)
    scene = sorted((finished_run.folder / "test").glob("*.hdf"))[0]
    masked = subprocess.run([tmp_path / "example/mask_scene", finished_run.folder / "out/model.h5", scene,
                             tmp_path / "mask.h5"], check=True, capture_output=True, text=True)
    assert "% cloud" in masked.stdout
    with h5py.File(tmp_path / "mask.h5") as ours, h5py.File(finished_run.folder / f"out/{scene.name}.h5") as theirs:
        # The program ran with other patch settings, which only move the pooling grid.
        a, b = ours["mask"][0, ..., 0], theirs["mask"][0, ..., 0]
        assert a.shape == b.shape and (abs(a - b) < 0.5).mean() > 0.9
    version = subprocess.run([tmp_path / "tree/bin/cloudmask", "--version"], check=True, capture_output=True, text=True)
    assert version.stdout.startswith("cloudmask ")
