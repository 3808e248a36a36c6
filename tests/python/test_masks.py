"""Masks from Python are the program's."""

import h5py
import numpy as np
import pytest
import xarray

import cloudmask
from conftest import run_program


def probability(file):
    with h5py.File(file) as opened:
        return opened["mask"][0, :, :, 0]


def test_a_prediction_is_the_programs_to_the_bit(folder, tmp_path):
    run_program("infer", "--model", folder / "model.h5", "--output", tmp_path / "theirs", folder / "test")
    model = cloudmask.Model(folder / "model.h5")
    for file in sorted((folder / "test").glob("*.hdf")):
        mask = model.predict(cloudmask.open_scene(file))
        theirs = tmp_path / "theirs" / f"{file.name}.h5"
        np.testing.assert_array_equal(mask.probability, probability(theirs))
        mask.save(tmp_path / "ours.h5")
        assert (tmp_path / "ours.h5").read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize("method", ["threshold", "bayesian"])
def test_a_screening_is_the_programs_to_the_bit(folder, tmp_path, method):
    run_program("screen", "--method", method, "--output", tmp_path / "theirs", folder / "test")
    options = {}
    if method == "bayesian":
        options["tables"] = tmp_path / "tables.h5"
        cloudmask.learn_tables(options["tables"], [folder / "test"])
        assert options["tables"].read_bytes() == (tmp_path / "theirs/bayesian_tables.h5").read_bytes()
    for file in sorted((folder / "test").glob("*.hdf")):
        mask = cloudmask.screen(cloudmask.open_scene(file), method, **options)
        np.testing.assert_array_equal(mask.probability, probability(tmp_path / "theirs" / f"{file.name}.h5"))
        assert mask.method == method


def test_binary_masks_flags_and_missing_pixels(scene):
    scene.brightness_temperature_k[:5] = np.nan
    mask = cloudmask.screen(scene)
    assert mask.threshold == 0.5 and mask.cloud.dtype == bool
    np.testing.assert_array_equal(mask.cloud, mask.probability >= 0.5)
    assert mask.missing[:5].all() and not mask.cloud[:5].any()
    assert mask.flags.dtype == np.uint16 and len(mask.flag_names) == 16
    assert mask.cloud_fraction == pytest.approx(mask.cloud[~mask.missing].mean())
    strict = cloudmask.screen(scene, threshold=0.9)
    np.testing.assert_array_equal(strict.cloud, mask.probability >= 0.9)
    np.testing.assert_array_equal(mask.probability.ctypes.data, mask.probability.ctypes.data)  # a view, not a copy


def test_xarray_has_what_the_netcdf_file_has(scene, tmp_path):
    mask = cloudmask.screen(scene)
    mask.save(tmp_path / "mask.nc")
    ours = mask.to_xarray()
    with xarray.open_dataset(tmp_path / "mask.nc", mask_and_scale=False) as theirs:
        for name in ("cloud_probability", "cloud_mask", "flags"):
            np.testing.assert_array_equal(ours[name], theirs[name])
        assert ours.flags.flag_meanings == theirs.flags.flag_meanings
        np.testing.assert_array_equal(ours.flags.flag_masks, theirs.flags.flag_masks)
    assert np.shares_memory(ours.cloud_probability.values, mask.probability)
    ours.to_netcdf(tmp_path / "again.nc")


def test_arrays_outlive_their_mask(scene):
    kept = cloudmask.screen(scene).probability
    copy = kept.copy()
    others = [cloudmask.screen(scene) for _ in range(3)]
    for other in others:
        other.probability[...] = -1
    np.testing.assert_array_equal(kept, copy)


def test_wrong_calls_say_what_is_taken(scene, tmp_path):
    for call, words in [
        (lambda: cloudmask.screen(scene, "clouds"), "it takes 'threshold' or 'bayesian'"),
        (lambda: cloudmask.screen(scene, "bayesian"), "made by learn_tables"),
        (lambda: cloudmask.screen(scene, tables="tables.h5"), "tables go with method 'bayesian'"),
        (lambda: cloudmask.screen(scene, threshold=2), "setting threshold: threshold is '2', it takes"),
        (lambda: cloudmask.Model(tmp_path / "none.h5", devise="cpu"), "the nearest known key is 'device'"),
        (lambda: cloudmask.Model(tmp_path / "none.h5", device="cuda:99"), None),
    ]:
        with pytest.raises(cloudmask.Error) as fault:
            call()
        assert words is None or isinstance(fault.value, cloudmask.UsageError) and words in str(fault.value)
    with pytest.raises(cloudmask.Error, match="none.h5"):
        cloudmask.Model(tmp_path / "none.h5")
    with pytest.raises(cloudmask.Error, match="none.yaml"):
        cloudmask.screen(scene, tests=tmp_path / "none.yaml")
    with pytest.raises(cloudmask.Error, match="/proc"):
        cloudmask.screen(scene).save("/proc/mask.h5")
