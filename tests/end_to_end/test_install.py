"""The installed tree serves programs of others: examples/mask_scene is built against it with find_package."""

import json
import os
import pathlib
import subprocess

import h5py
import numpy as np

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
    # Without a configuration, as the example: another PATCH_SIZE moves the pooling grid.
    finished_run("infer", "--model", "out/model.h5", "--output", tmp_path / "masks", scene)
    with h5py.File(tmp_path / "mask.h5") as ours, h5py.File(tmp_path / f"masks/{scene.name}.h5") as theirs:
        np.testing.assert_allclose(ours["mask"][...], theirs["mask"][...], rtol=0, atol=1e-3)  # NaN where NaN is
    version = subprocess.run([tmp_path / "tree/bin/cloudmask", "--version"], check=True, capture_output=True, text=True)
    assert version.stdout.startswith("cloudmask ")


def test_installed_tree_has_manual_pages_completion_and_a_trained_network(finished_run, tmp_path):
    subprocess.run(["cmake", "--install", os.environ["CLOUDMASK_BUILD"], "--prefix", tmp_path], check=True,
                   capture_output=True)
    share = tmp_path / "share"
    assert "cloudmask" in (share / "man/man1/cloudmask-train.1").read_text()
    assert (share / "man/man5/cloudmask-configuration.5").exists()
    for script in ("bash-completion/completions/cloudmask", "zsh/site-functions/_cloudmask",
                   "fish/vendor_completions.d/cloudmask.fish"):
        assert "infer" in (share / script).read_text()
    scene = sorted((finished_run.folder / "test").glob("*.hdf"))[0]
    finished_run("infer", "--model", share / "cloudmask/models/cloudmask-synthetic.h5", "--output", tmp_path / "masks",
                 scene)
    scores = finished_run("evaluate", "--masks", tmp_path / "masks", "--scenes", scene.parent, "--against", "truth",
                          "--json", "-").stdout
    assert json.loads(scores)["all"]["accuracy"] > 0.8
