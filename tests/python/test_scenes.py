"""Scenes as NumPy and xarray: what is read, whose memory it is, and what is refused."""

import gc
import pathlib
import sys
import zipfile

import h5py
import numpy as np
import pytest
import xarray

import cloudmask

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "products"))
from make_sen3 import make_product  # noqa: E402


def test_arrays_are_those_of_the_file(scene, scene_file):
    with h5py.File(scene_file) as file:
        np.testing.assert_array_equal(scene.reflectance, file["refs"])
        np.testing.assert_array_equal(scene.brightness_temperature_k, file["bts"])
        known = file["truth"][:] <= 1
        np.testing.assert_array_equal(scene.truth[known], file["truth"][:][known])
        assert set(np.unique(scene.label)) <= {0, 1, 255}
        np.testing.assert_array_equal(scene.missing, np.isnan(file["bts"][:, :, 1:]).any(axis=2))
    assert scene.shape == (150, 170) and scene.name == scene_file.name and scene.daylight
    assert scene.reflectance.dtype == np.float32
    assert scene.latitude_deg is None and scene.sun_zenith_deg is None and scene.summary is None


@pytest.mark.parametrize("name", ["reflectance", "brightness_temperature_k", "label", "truth", "surface"])
def test_arrays_are_the_scenes_memory(scene, name):
    first, second = getattr(scene, name), getattr(scene, name)
    assert first.ctypes.data == second.ctypes.data and not first.flags.owndata
    first[0, 0] = 1
    assert (second[0, 0] == 1).all()


def test_what_is_written_into_an_array_is_what_methods_see(scene):
    before = cloudmask.screen(scene).probability[:20].copy()
    scene.brightness_temperature_k[:20] = np.nan
    after = cloudmask.screen(scene).probability[:20]
    assert np.isfinite(before).any() and np.isnan(after).all()


def test_arrays_outlive_their_scene(scene_file):
    def array():
        return cloudmask.open_scene(scene_file).brightness_temperature_k

    kept = array()
    gc.collect()
    others = [array() for _ in range(5)]  # would take the memory if it were free
    for other in others:
        other[...] = 0
    with h5py.File(scene_file) as file:
        np.testing.assert_array_equal(kept, file["bts"])


def test_products_have_places_times_and_angles(tmp_path):
    product = make_product(tmp_path)
    scene = cloudmask.open_scene(product, angles=True)
    assert scene.latitude_deg.shape == scene.sun_zenith_deg.shape == scene.view_zenith_deg.shape == scene.shape
    assert scene.start_time.startswith("20") and scene.summary is not None
    assert cloudmask.open_scene(product).sun_zenith_deg is None
    with zipfile.ZipFile(tmp_path / f"{product.name}.zip", "w") as archive:
        for file in product.iterdir():
            archive.write(file, f"{product.name}/{file.name}")
    zipped = cloudmask.open_scene(tmp_path / f"{product.name}.zip")
    np.testing.assert_array_equal(zipped.brightness_temperature_k, scene.brightness_temperature_k)

    dataset = scene.to_xarray()
    assert dataset.reflectance.dims == ("y", "x", "reflectance_band")
    np.testing.assert_array_equal(dataset.latitude, scene.latitude_deg)
    assert np.shares_memory(dataset.brightness_temperature.values, scene.brightness_temperature_k)
    mask = cloudmask.screen(scene)
    assert {"latitude", "longitude"} <= set(mask.to_xarray().coords)


def test_products_have_an_oblique_view(tmp_path):
    product = make_product(tmp_path / "products")
    scene = cloudmask.open_scene(product, view="oblique")
    assert (scene.view, scene.shape) == ("oblique", (120, 90))
    assert cloudmask.open_scene(product).view == "nadir"
    mask = cloudmask.screen(scene)
    assert mask.view == mask.to_xarray().attrs["view"] == scene.to_xarray().attrs["view"] == "oblique"
    mask.save(tmp_path / f"{product.name}.oblique.nc")
    assert cloudmask.evaluate(tmp_path, tmp_path / "products", view="oblique")["all"]["pixels"] > 0
    with pytest.raises(cloudmask.Error, match="none of the 1 scenes"):
        cloudmask.evaluate(tmp_path, tmp_path / "products")
    with pytest.raises(cloudmask.UsageError, match="view is 'forward', it takes 'nadir' or 'oblique'"):
        cloudmask.evaluate(tmp_path, tmp_path / "products", view="forward")
    own = cloudmask.Scene(scene.reflectance, scene.brightness_temperature_k, view="oblique")
    assert cloudmask.screen(own).view == "oblique"


@pytest.mark.parametrize("form", [np.float32, np.float64, xarray.DataArray, list])
def test_a_scene_of_arrays_gives_the_mask_of_the_file(scene, form):
    def given(array):
        if form is xarray.DataArray:
            return xarray.DataArray(array, dims=("y", "x", "band"))
        return array.tolist() if form is list else array.astype(form)

    own = cloudmask.Scene(given(scene.reflectance), given(scene.brightness_temperature_k))
    np.testing.assert_array_equal(cloudmask.screen(own).probability, cloudmask.screen(scene).probability)
    assert own.label is None and own.latitude_deg is None


def test_masked_and_impossible_values_are_missing(scene):
    temperature = np.ma.masked_array(scene.brightness_temperature_k.copy(), mask=False)
    temperature[3, 4, 1] = np.ma.masked
    temperature[5, 6, 2] = -999
    own = cloudmask.Scene(scene.reflectance, temperature)
    assert own.missing[3, 4] and own.missing[5, 6]
    assert np.count_nonzero(own.missing) - np.count_nonzero(scene.missing) in (0, 1, 2)


def test_places_given_are_kept(scene):
    latitude, longitude = np.mgrid[0:150, 0:170]
    own = cloudmask.Scene(scene.reflectance, scene.brightness_temperature_k, latitude_deg=latitude,
                          longitude_deg=longitude, name="mine")
    np.testing.assert_array_equal(own.latitude_deg, latitude)
    np.testing.assert_array_equal(cloudmask.screen(own).to_xarray().longitude, longitude)
    assert cloudmask.screen(own).scene == "mine"


REFLECTANCE = np.full((8, 9, 6), 0.3)
TEMPERATURE = np.full((8, 9, 3), 280.0)


@pytest.mark.parametrize("reflectance, temperature, places, words", [
    (np.moveaxis(REFLECTANCE, 2, 0), TEMPERATURE, {}, "reflectance has shape (6, 8, 9), wanted (height, width, 6)"),
    (REFLECTANCE, TEMPERATURE[..., :2], {}, "brightness_temperature_k has shape (8, 9, 2), wanted (height, width, 3)"),
    (REFLECTANCE[:4], TEMPERATURE, {}, "reflectance has shape (4, 9, 6), wanted 8 x 9 px"),
    (REFLECTANCE[:0], TEMPERATURE[:0], {}, "brightness_temperature_k has shape (0, 9, 3)"),
    (REFLECTANCE * 100, TEMPERATURE, {}, "divide percent by 100"),
    (REFLECTANCE, TEMPERATURE - 273.15, {}, "no pixel with valid S8 and S9"),
    (REFLECTANCE * 1j, TEMPERATURE, {}, "reflectance has dtype complex128, wanted numbers"),
    (REFLECTANCE, TEMPERATURE.astype(str), {}, "brightness_temperature_k has dtype <U"),
    (REFLECTANCE, None, {}, "brightness_temperature_k has dtype object"),
    (REFLECTANCE, TEMPERATURE, {"latitude_deg": np.zeros((8, 9))}, "give both or none"),
    (REFLECTANCE, TEMPERATURE, {"latitude_deg": np.zeros(8), "longitude_deg": np.zeros(9)}, "latitude_deg has shape (8)"),
])
def test_what_is_no_scene_is_refused(reflectance, temperature, places, words):
    with pytest.raises(cloudmask.UsageError) as fault:
        cloudmask.Scene(reflectance, temperature, **places)
    assert words in str(fault.value)
    assert isinstance(fault.value, ValueError) and isinstance(fault.value, cloudmask.Error)


def test_files_that_are_no_scenes_are_errors(tmp_path):
    (tmp_path / "torn.hdf").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    for path in (tmp_path / "none.hdf", tmp_path / "torn.hdf", tmp_path, str(tmp_path / "none.SEN3")):
        with pytest.raises(cloudmask.Error, match=str(tmp_path)):
            cloudmask.open_scene(path)
    with pytest.raises(cloudmask.UsageError, match="setting: unknown key 'thread'; the nearest known key is 'threads'"):
        cloudmask.open_scene(tmp_path / "none.hdf", thread=1)
