"""`cloudmask sst` on synthetic scenes, whose surface temperature is known."""

import json
import pathlib

import h5py
import numpy as np

CONFIG = pathlib.Path(__file__).parents[2] / "config/sst_coefficients.yaml"


def test_files_hold_temperatures_where_the_mask_is_clear_sea(finished_run):
    finished_run("sst", "--output", "sst", "--masks", "out", "test", "--json", "sst.json")
    scenes = sorted((finished_run.folder / "test").glob("*.hdf"))
    assert len(scenes) == 3
    errors = []
    for scene in scenes:
        with h5py.File(scene) as source, h5py.File(finished_run.folder / "sst" / f"{scene.name}.sst.h5") as file, \
                h5py.File(finished_run.folder / "out" / f"{scene.name}.h5") as mask:
            probability = mask["mask"][0, ..., 0]
            sst = file["sst_k"][...]
            assert sst.shape == probability.shape and sst.dtype == np.float32
            cloud = file["cloud"][...]
            assert np.array_equal(cloud, np.where(np.isnan(probability), 255, probability >= 0.5))
            sea = source["surface"][...] == 0
            assert not np.any(np.isfinite(sst) & ((cloud != 0) | ~sea))
            assert file["sst_k"].attrs["units"] == "K" and "ARC_N2" in file["sst_k"].attrs["coefficients"]
            errors.append((sst - source["surface_temperature_k"][..., 0])[np.isfinite(sst)])
    errors = np.concatenate(errors)
    found = json.loads((finished_run.folder / "sst.json").read_text())
    assert found["all"]["masks"]["clear_pixels"] == errors.size
    if errors.size:
        assert abs(found["all"]["masks"]["bias_k"] - errors.mean()) < 0.001
    assert found["all"]["truth"]["missed_pixels"] == 0
    assert len(found["scenes"]) == 3 and not found["failures"]


def test_labels_are_the_mask_unless_another_is_given(finished_run):
    table = finished_run("sst", "--output", "sst-labels", "test").stdout
    assert "labels" in table and "truth" in table and "masks" not in table
    same = finished_run("sst", "--output", "sst-same", "--coefficients", CONFIG, "test").stdout
    assert same == table


def test_faults_name_what_is_wrong(finished_run):
    (finished_run.folder / "empty").mkdir(exist_ok=True)
    assert "no scene" in finished_run.fault("sst", "--output", "new", "empty")
    assert ".hdf.h5" in finished_run.fault("sst", "--output", "new", "--masks", "empty", "test")
    (finished_run.folder / "bad.yaml").write_text("vapour_kg_m2: [1]\n")
    assert "secant" in finished_run.fault("sst", "--output", "new", "--coefficients", "bad.yaml", "test")
    assert "--output" in finished_run.fault("sst", "test", code=2)


def test_a_bad_scene_does_not_stop_the_others(program):
    bad = sorted((program.folder / "test").glob("*.hdf"))[0]
    bad.write_bytes(bad.read_bytes()[:5000])
    done = program("sst", "--output", "sst", "test", code=1)
    assert bad.name in done.stderr
    assert len(list((program.folder / "sst").glob("*.sst.h5"))) == 2


def test_help_has_examples_and_shells_know_the_command(finished_run):
    assert "cloudmask sst --output" in finished_run("sst", "--help").stdout
    assert "sst" in finished_run("completion", "fish").stdout
