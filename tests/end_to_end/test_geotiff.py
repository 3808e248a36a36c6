"""Masks as maps: every cell against the nearest pixel of the swath, found on the globe without GDAL's warper."""

import json
import os
import pathlib
import shutil
import sys

import h5py
import numpy as np
import pyproj
import pytest
import rasterio
import xarray
from rio_cogeo import cog_validate
from sklearn.neighbors import BallTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "products"))
from make_sen3 import make_product, swath_around  # noqa: E402

ROWS, COLUMNS = 110, 140
MODEL = pathlib.Path(__file__).resolve().parents[2] / "models" / "cloudmask-synthetic.h5"
EARTH_KM = 6371.0
MASKS = ("screen", "--method", "threshold", "--output", "masks", "--format", "geotiff")


def product_at(program, latitude, longitude, **options):
    return make_product(program.folder / "products", rows=ROWS, columns=COLUMNS,
                        place=swath_around(latitude, longitude, ROWS, COLUMNS), **options)


def infer(program, product, form, *options):
    """The mask of a network, whose probabilities differ from pixel to pixel."""
    program("infer", "--model", MODEL, "--output", "masks", "--set", "threads=1", "--format", form, *options, product)
    return program.folder / "masks" / (product.name + {"netcdf": ".nc", "geotiff": ".tif"}[form])


def cells(band):
    """Latitude and longitude of the middle of every cell."""
    row, column = np.indices(band.shape)
    x, y = rasterio.transform.xy(band.transform, row.ravel(), column.ravel())
    to_degrees = pyproj.Transformer.from_crs(band.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform(x, y)
    return np.stack([latitude, longitude], axis=-1)


def check_against_swath(map_file, swath_file, holes=False):
    """Each cell has the value of the nearest pixel, or of one as near but for 50 m; none is missing, none is too many."""
    with xarray.open_dataset(swath_file) as swath:
        places = np.stack([swath["latitude"].values.ravel(), swath["longitude"].values.ravel()], axis=-1)
        probability = swath["cloud_probability"].values.ravel()
        threshold = swath["cloud_probability"].attrs["threshold"]
    known = np.isfinite(places).all(axis=-1)
    places, probability = places[known], probability[known]
    with rasterio.open(map_file) as band:
        found, classes = band.read(1).ravel(), band.read(2).ravel()
        distance, nearest = BallTree(np.radians(places), metric="haversine").query(np.radians(cells(band)), k=4)
    distance *= EARTH_KM
    inside = distance[:, 0] < 0.4
    assert inside.mean() > 0.2
    as_near = distance - distance[:, :1] < 0.05
    same = (found[:, None] == probability[nearest]) | (np.isnan(found)[:, None] & np.isnan(probability[nearest]))
    right = (same & as_near).any(axis=1)
    if holes:  # at their edges GDAL rather gives no data
        inside &= right | np.isfinite(found)
        assert inside.mean() > 0.2
    assert right[inside].all()
    assert same[inside, 0].mean() > 0.99
    assert np.isnan(found[distance[:, 0] > 1.1]).all()
    np.testing.assert_array_equal(classes, np.where(np.isnan(found), np.nan, found >= threshold))
    assert len(np.unique(found[np.isfinite(found)])) > 100


@pytest.mark.parametrize("latitude,longitude,system,grid", [
    (45, 10, "EPSG:4326", "auto"),
    (-3, 179.8, "EPSG:4326", "auto"),  # on both sides of the 180th meridian
    (48, -179.9, "EPSG:4326", "EPSG:4326@0.008"),
    (89.8, 0, "EPSG:3413", "auto"),  # the pole is inside
    (-75, 179.5, "EPSG:3031", "auto"),
    (45, 10, "EPSG:32632", "EPSG:32632@1200"),
    (-17, 179.9, "EPSG:3832", "EPSG:3832"),  # Mercator with its edge in the Atlantic
])
def test_each_cell_has_the_value_of_the_nearest_pixel(program, latitude, longitude, system, grid):
    product = product_at(program, latitude, longitude)
    map_file = infer(program, product, "geotiff", "--grid", grid)
    check_against_swath(map_file, infer(program, product, "netcdf"))
    with rasterio.open(map_file) as band:
        assert band.crs.to_string() == system
        left, cell = band.transform.c, band.transform.a
        assert left / cell == pytest.approx(round(left / cell), abs=1e-6), "cells of all maps fit together"


def test_a_map_is_a_cloud_optimised_geotiff_that_says_what_it_is(program):
    product = make_product(program.folder / "products", rows=700, columns=800)
    program(*MASKS, product)
    map_file = program.folder / "masks" / f"{product.name}.tif"
    valid, errors, warnings = cog_validate(map_file, strict=True)
    assert valid and not errors and not warnings
    with rasterio.open(map_file) as band:
        assert band.descriptions == ("cloud_probability", "cloud_mask")
        assert band.dtypes == ("float32", "float32") and np.isnan(band.nodata)
        assert band.overviews(1) and band.overviews(1) == band.overviews(2)
        tags = band.tags()
        assert tags["scene"] == product.name and tags["method"] == "threshold" and tags["threshold"] == "0.5"
        assert tags["TIFFTAG_SOFTWARE"].startswith("cloudmask ")
        assert tags["model"].startswith("threshold_tests.yaml (checksum ")
        assert tags["time_coverage_start"] == "2021-09-30T22:09:13.958884Z"
        assert set(np.unique(band.read(2)[np.isfinite(band.read(2))])) <= {0, 1}
        small = band.read(2, out_shape=(band.height // 2, band.width // 2))
        assert set(np.unique(small[np.isfinite(small)])) <= {0, 1}, "overviews of classes are classes"


def test_pixels_without_place_or_data_are_no_data_on_the_map(program):
    product = product_at(program, 45, 10)
    with h5py.File(product / "geodetic_in.nc", "r+") as file:
        for name in ("latitude_in", "longitude_in"):
            file[name][40:60, 50:80] = file[name].attrs["_FillValue"][0]
    with h5py.File(product / "S8_BT_in.nc", "r+") as file:
        file["S8_BT_in"][80:100, 20:40] = file["S8_BT_in"].attrs["_FillValue"][0]
    map_file, swath_file = infer(program, product, "geotiff"), infer(program, product, "netcdf")
    check_against_swath(map_file, swath_file, holes=True)
    place = swath_around(45, 10, ROWS, COLUMNS)
    with rasterio.open(map_file) as band:
        for row, column, known in ((50, 65, False), (90, 30, False), (20, 100, True)):
            latitude, longitude = place(row, column)
            value = next(band.sample([(float(longitude), float(latitude))]))
            assert np.isfinite(value).all() == known


def test_a_map_is_kept_while_method_and_grid_stay_the_same(program):
    product = product_at(program, 45, 10)
    program(*MASKS, product)
    assert "1 were up to date" in program(*MASKS, product).stderr
    assert "0 were up to date" in program(*MASKS, "--grid", "EPSG:32632", product).stderr
    assert "1 were up to date" in program(*MASKS, "--grid", "EPSG:32632", product).stderr
    again = (*MASKS, "--grid", "EPSG:32632", "--set", "threshold=0.9", product)
    assert "0 were up to date" in program(*again).stderr, "its cloud_mask is of another threshold"
    assert "1 were up to date" in program(*again).stderr


def test_a_grid_that_would_not_count_or_cannot_be_is_said_before_the_work(program):
    product = product_at(program, 45, 10)
    fault = program.fault("screen", "--method", "threshold", "--output", "masks", "--grid", "EPSG:3413", product, code=2)
    assert "goes with --format geotiff" in fault
    bayesian = ("screen", "--method", "bayesian", "--output", "masks", "--format", "geotiff", "--grid", "nonsense", "test")
    assert "'nonsense'" in program.fault(*bayesian, code=2)
    assert not (program.folder / "masks" / "bayesian_tables.h5").exists()
    done = program(*MASKS, "--grid", "EPSG:4326@1000", product, code=1)
    assert "a cell of EPSG:4326@1000 is larger than the scene; its side is in degrees" in done.stderr
    config = program.config(mask_format="geotiff", mask_grid="nonsense")
    assert "'nonsense'" in program("check", "--config", config, code=1).stdout


def test_maps_are_told_of_and_not_judged(program):
    product = product_at(program, 45, 10)
    program(*MASKS, product)
    map_file = program.folder / "masks" / (product.name + ".tif")
    assert "EPSG:4326" in (told := program("info", map_file).stdout) or "auto" in told
    assert "on another grid" in program.fault("evaluate", "--masks", "masks", "--scenes", product, "--against", "summary")


def test_what_no_map_can_be_made_of_is_refused_with_the_reason(program):
    done = program(*MASKS, "test", code=1)
    assert "3 of 3 scenes have no mask" in done.stderr
    assert "does not tell the latitude and longitude of its pixels" in done.stderr
    assert not list((program.folder / "masks").glob("*.tif"))

    product = product_at(program, 89.8, 0)
    done = program(*MASKS, "--grid", "EPSG:4326", product, code=1)
    assert f"{product.name}: the edge of EPSG:4326 runs through the scene" in done.stderr
    done = program(*MASKS, "--grid", "auto@1", product, code=1)
    assert "million cells" in done.stderr
    with h5py.File(product / "geodetic_in.nc", "r+") as file:
        file["latitude_in"][...] = file["latitude_in"].attrs["_FillValue"][0]
    assert "no pixel has a place" in program(*MASKS, product, code=1).stderr


def test_a_run_that_makes_maps_scores_no_masks_of_a_run_before(program):
    program("run", "--config", program.config(epochs=1))
    maps = program("run", "--config", program.config(epochs=1, mask_format="geotiff"), "--json", "-", code=1)
    assert json.loads(maps.stdout)["evaluation"] is None


@pytest.mark.parametrize("grid,reason", [
    ("EPSG:99999", "is no geographic or projected"), ("nonsense", "is no geographic or projected"),
    ("EPSG:4978", "is no geographic or projected"),  # geocentric
    ("/etc/passwd", "is no geographic or projected"), ("http://127.0.0.1/crs", "is no geographic or projected"),
    ("EPSG:4326@0", "takes a number above 0"), ("EPSG:4326@", "takes a number above 0"),
    ("EPSG:4326@wide", "takes a number above 0"), ("EPSG:4326@-1", "takes a number above 0"),
])
def test_a_grid_that_is_none_is_wrong_usage(program, grid, reason):
    assert reason in program.fault(*MASKS, "--grid", grid, "test", code=2)


def test_without_gdal_the_program_says_what_is_missing(program):
    build = pathlib.Path(os.environ.get("CLOUDMASK_BUILD", "build"))
    alone = program.folder / "alone"
    alone.mkdir()
    shutil.copy(build / "libcloudmask.so.0", alone)
    done = program(*MASKS, "test", code=1, env={**os.environ, "LD_LIBRARY_PATH": str(alone)})
    assert "GeoTIFF takes a cloudmask that was built with GDAL" in done.stderr and "netcdf" in done.stderr
