"""Masks as CF netCDF: what xarray sees in them, and that every other command takes them like the plain ones."""

import json
import pathlib
import resource
import subprocess
import sys

import numpy as np
import pytest
import xarray

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "products"))
from make_sen3 import make_product  # noqa: E402

MODEL = pathlib.Path(__file__).resolve().parents[2] / "models" / "cloudmask-synthetic.h5"
MASKS = ("screen", "--method", "threshold", "--output", "masks", "--format", "netcdf")


@pytest.fixture
def product(program):
    return make_product(program.folder / "products", rows=130, columns=140)


def test_xarray_opens_a_mask_with_coordinates_flags_and_times(program, product):
    program(*MASKS, "products")
    with xarray.open_dataset(program.folder / "masks" / f"{product.name}.nc") as mask:
        assert mask.attrs["Conventions"] == "CF-1.8"
        assert mask.attrs["time_coverage_start"] == "2021-09-30T22:09:13.958884Z"
        assert mask.attrs["time_coverage_end"] == "2021-09-30T22:12:13.958884Z"
        assert product.name in mask.attrs["history"] and "threshold" in mask.attrs["history"]
        probability = mask["cloud_probability"]
        assert probability.dims == ("y", "x") and probability.shape == (130, 140)
        assert set(probability.coords) == {"latitude", "longitude"}
        assert probability.attrs["units"] == "1"
        np.testing.assert_allclose(mask["latitude"][3, 5], 45 - 0.009 * 3 - 0.001 * 5, atol=1e-5)
        threshold = probability.attrs["threshold"]
        known = np.isfinite(probability.values)
        assert 0.9 < known.mean() < 1
        classes = mask["cloud_mask"]
        assert classes.attrs["standard_name"] == "cloud_binary_mask" and classes.attrs["flag_meanings"] == "clear cloud"
        np.testing.assert_array_equal(np.isfinite(classes.values), known)
        np.testing.assert_array_equal(classes.values[known] == 1, probability.values[known] >= threshold)
        assert len(mask["flags"].attrs["flag_masks"]) == len(mask["flags"].attrs["flag_meanings"].split())


def test_both_formats_hold_the_same_probabilities(program, product):
    program(*MASKS, "products")
    program(*MASKS[:-1], "hdf5", "products")
    with xarray.open_dataset(program.folder / "masks" / f"{product.name}.nc") as netcdf, \
            xarray.open_dataset(program.folder / "masks" / f"{product.name}.h5", engine="netcdf4") as plain:
        np.testing.assert_array_equal(netcdf["cloud_probability"], plain["mask"].squeeze())


def test_a_network_masks_a_product_as_cf_netcdf(program, product):
    """The whole way: product as it comes, trained network, a mask with coordinates that compliance-checker passes."""
    program("infer", "--model", MODEL, "--output", "masks", "--format", "netcdf", "products")
    program("infer", "--model", MODEL, "--output", "masks", "--format", "hdf5", "products")
    file = program.folder / "masks" / f"{product.name}.nc"
    with xarray.open_dataset(file) as mask, \
            xarray.open_dataset(file.with_suffix(".h5"), engine="netcdf4") as plain:
        probability = mask["cloud_probability"]
        np.testing.assert_array_equal(probability, plain["mask"].squeeze())
        assert set(probability.coords) == {"latitude", "longitude"}
        assert probability.attrs["method"] == "network"
        assert probability.attrs["model"].startswith("cloudmask-synthetic.h5 (checksum ")
        assert 0.9 < np.isfinite(probability.values).mean() < 1
        assert np.nanmin(probability) >= 0 and np.nanmax(probability) <= 1 and np.nanstd(probability) > 0.01
        np.testing.assert_allclose(mask["latitude"][3, 5], 45 - 0.009 * 3 - 0.001 * 5, atol=1e-5)
        assert mask.attrs["time_coverage_start"] == "2021-09-30T22:09:13.958884Z"
        assert "method network with cloudmask-synthetic.h5" in mask.attrs["history"]
    checker = pathlib.Path(sys.executable).parent / "compliance-checker"
    checked = subprocess.run([checker, "--test=cf:1.8", "--criteria=strict", file], capture_output=True, text=True,
                             timeout=120)
    assert "All tests passed" in checked.stdout, checked.stdout
    assert "1 were up to date" in program("infer", "--model", MODEL, "--output", "masks", "--format", "netcdf",
                                          "products").stderr


def test_evaluate_info_and_a_second_run_take_both_formats(program, product):
    program(*MASKS, "products", "test")
    scored = program("evaluate", "--masks", "masks", "--scenes", "products").stdout
    assert "accuracy" in scored
    scenes = program("evaluate", "--masks", "masks", "--scenes", "test", "--json", "-").stdout
    assert "has no scene" not in scenes and '"against_truth"' in scenes
    assert "kind            mask" in program("info", f"masks/{product.name}.nc").stdout
    assert "4 were up to date" in program(*MASKS, "products", "test").stderr


def test_masks_are_compared_with_the_provider_s_own_tests(program):
    make_product(program.folder / "products", rows=130, columns=140, bayes=False)
    program(*MASKS, "products")
    scores = json.loads(program("evaluate", "--masks", "masks", "--scenes", "products", "--against", "summary", "--json",
                                "-").stdout)
    assert scores["against"] == "summary" and scores["against_bayes"] is None
    assert scores["all"]["pixels"] > 15000
    assert scores["sea"]["pixels"] + scores["land"]["pixels"] > 15000
    fault = program.fault("evaluate", "--masks", "masks", "--scenes", "products")
    assert "no scene that has a mask carries valid `bayes`" in fault


def test_a_scene_without_place_and_time_has_a_mask_without_coordinates(program):
    program(*MASKS, "test")
    for file in (program.folder / "masks").glob("*.nc"):
        with xarray.open_dataset(file) as mask:
            assert not mask.coords and "time_coverage_start" not in mask.attrs


def test_the_format_has_two_names(program, product):
    assert "one of hdf5 netcdf" in program.fault(*MASKS[:-1], "grib", "products", code=2)


def test_a_disk_that_fills_up_while_a_mask_is_written_leaves_no_half_mask(program, product):
    """No file may grow beyond 40 KiB here, which is what a full disk looks like to the program."""
    done = program(*MASKS, "products", code=1, restore_signals=False,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40 << 10, 40 << 10)))
    assert f"cannot write masks/{product.name}.nc: File too large" in done.stderr
    left = [file.name for file in (program.folder / "masks").iterdir() if ".nc" in file.name]
    assert left == []
