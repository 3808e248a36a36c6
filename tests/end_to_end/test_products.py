"""ESA's Level-1 products: every value that the reader makes of one, and what it says of damaged ones."""

import os
import pathlib
import resource
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "products"))
from make_sen3 import IRRADIANCE, ORPHANS, SCALES, THERMAL, is_missing, make_product  # noqa: E402

BUILD = pathlib.Path(os.environ.get("CLOUDMASK_BUILD", "build"))
ADJUSTMENT = {"nadir": {"S1": 0.97, "S2": 0.98, "S3": 0.98, "S4": 1.0, "S5": 1.11, "S6": 1.13},
              "oblique": {"S1": 0.94, "S2": 0.95, "S3": 0.95, "S4": 1.0, "S5": 1.04, "S6": 1.07}}
FIRST_TIE_PX = {"nadir": 998 - 16 * 64, "oblique": 450 - 16 * 64}


def probe(product, out, view="nadir", **options):
    return subprocess.run([BUILD / "tests/scene_probe", product, out, view], capture_output=True, text=True, timeout=120,
                          **options)


def read(product, tmp_path, view="nadir"):
    done = probe(product, tmp_path / "read.hdf", view)
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "read.hdf") as file:
        return {name: np.squeeze(file[name][...]) for name in file}, done


def unpacked(path, name):
    with h5py.File(path / f"{name}.nc") as file:
        variable = file[name]
        values = variable[...].astype(float)
        values[variable[...] == variable.attrs["_FillValue"][0]] = np.nan
        return values * variable.attrs["scale_factor"][0] + variable.attrs["add_offset"][0]


def numbers(path, file, name):
    with h5py.File(path / file) as opened:
        return opened[name][...]


def zenith(path, name, columns, view="nadir"):
    """Straight lines between valid tie points, and for 16 pixels beyond."""
    ties = numbers(path, f"geometry_t{view[0]}.nc", f"{name}_t{view[0]}")
    at = np.arange(ties.shape[1]) * 16 + FIRST_TIE_PX[view]
    valid = np.isfinite(ties[0])
    at, ties = at[valid], ties[:, valid]
    outer = np.array([at[0] - 16, *at, at[-1] + 16])
    rows = np.column_stack([2 * ties[:, 0] - ties[:, 1], ties, 2 * ties[:, -1] - ties[:, -2]])
    return np.stack([np.interp(np.arange(columns), outer, row, np.nan, np.nan) for row in rows])


def expected_reflectance(path, channel, baseline, shift=0, view="nadir"):
    grid = f"a{view[0]}"
    radiance = unpacked(path, f"{channel}_radiance_{grid}")
    radiance[is_missing(numbers(path, f"{channel}_radiance_{grid}.nc", f"{channel}_exception_{grid}"))] = np.nan
    irradiance = numbers(path, f"{channel}_quality_{grid}.nc", f"{channel}_solar_irradiance_{grid}")
    detector = numbers(path, f"indices_{grid}.nc", f"detector_{grid}")
    per_pixel = np.where(detector == 255, irradiance.mean(), irradiance[np.minimum(detector, 3)])
    rho = np.pi * radiance * (ADJUSTMENT[view][channel] if baseline < 5 else 1) / per_pixel
    if shift:
        rho = np.concatenate([rho[shift:], np.full_like(rho[:shift], np.nan)])
    rows, columns = rho.shape
    blocks = rho.reshape(rows // 2, 2, columns // 2, 2)
    with np.errstate(all="ignore"):
        mean = np.nansum(blocks, axis=(1, 3)) / np.isfinite(blocks).sum(axis=(1, 3))
    sun = zenith(path, "solar_zenith", columns // 2, view)
    return np.where(sun < 85, mean / np.cos(np.radians(sun)), np.nan)


def same(found, wanted, tolerance):
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    np.testing.assert_allclose(found, wanted, atol=tolerance, rtol=1e-5, equal_nan=True)


@pytest.mark.parametrize("view,columns", [("nadir", 150), ("oblique", 90)])
@pytest.mark.parametrize("baseline,shift", [(3, 0), (4, 1), (5, 0)])
def test_every_value_is_what_the_format_says(tmp_path, view, columns, baseline, shift):
    path = make_product(tmp_path, rows=41, columns=150, baseline=baseline, fine_row_shift=shift)
    found, done = read(path, tmp_path, view)
    grid = f"i{view[0]}"
    for band, channel in enumerate(SCALES):
        same(found["refs"][..., band], expected_reflectance(path, channel, baseline, shift, view), 1e-5)
    for band, channel in enumerate(THERMAL):
        kelvin = unpacked(path, f"{channel}_BT_{grid}")
        kelvin[is_missing(numbers(path, f"{channel}_BT_{grid}.nc", f"{channel}_exception_{grid}"))] = np.nan
        same(found["bts"][..., band], kelvin, 1e-4)
    assert found["bts"].shape == (41, columns, 3) and np.isfinite(found["bts"]).mean() > 0.7
    for name, ties in (("sun_zenith", "solar_zenith"), ("view_zenith", "sat_zenith")):
        same(found[name], zenith(path, ties, columns, view), 1e-3)
    for name in ("latitude", "longitude"):
        same(found[name], numbers(path, f"geodetic_{grid}.nc", f"{name}_{grid}") * 1e-6, 2e-5)
    bayes = numbers(path, f"flags_{grid}.nc", f"bayes_{grid}")
    np.testing.assert_array_equal(found["bayes"], (bayes & 2) // 2)
    confidence = numbers(path, f"flags_{grid}.nc", f"confidence_{grid}")
    np.testing.assert_array_equal(found["surface"], np.where(confidence & 2, 0, np.where(confidence & 8, 1, 255)))
    assert done.stdout.split() == ["2021-09-30T22:09:13.958884Z", "2021-09-30T22:12:13.958884Z"]
    assert done.stderr == ""


def test_by_night_no_reflectance_though_s5_and_s6_are_measured(tmp_path):
    path = make_product(tmp_path, night=True)
    assert np.isfinite(unpacked(path, "S5_radiance_an")).any()
    found, _ = read(path, tmp_path)
    assert np.isnan(found["refs"]).all() and np.isfinite(found["bts"]).mean() > 0.9


def test_the_terminator_goes_through_the_scene_by_the_sun(tmp_path):
    path = make_product(tmp_path, lowest=75, highest=100)
    found, _ = read(path, tmp_path)
    lit = np.isfinite(found["refs"][..., 4])
    assert not lit[found["sun_zenith"] >= 85].any() and lit[found["sun_zenith"] < 85].mean() > 0.9


def test_bayes_of_255_is_no_label(tmp_path, program):
    path = make_product(tmp_path, bayes=False)
    found, _ = read(path, tmp_path)
    assert "bayes" not in found
    assert "labels          no" in program("info", path).stdout
    shutil.move(path, program.folder / "train")
    assert "bayes_in is not populated" in program.fault("train", "--config", program.config())


def test_missing_irradiance_takes_the_default_and_says_so(tmp_path):
    path = make_product(tmp_path)
    (path / "S2_quality_an.nc").unlink()
    (path / "indices_an.nc").unlink()
    found, done = read(path, tmp_path)
    assert "S2_quality_an.nc gives no solar irradiance; takes 1525.94" in done.stderr
    assert "indices_an.nc is missing" in done.stderr
    radiance = unpacked(path, "S2_radiance_an")[100, 101]
    sun = zenith(path, "solar_zenith", 150)[50, 50]
    alone = np.pi * 0.98 * radiance / IRRADIANCE["S2"] / np.cos(np.radians(sun))
    assert abs(found["refs"][50, 50, 1] - alone) < 0.05  # its block has three others


def tie_points_without_values(path):
    with h5py.File(path / "geometry_tn.nc", "r+") as file:
        file["solar_zenith_tn"][...] = np.nan


def text_instead_of_numbers(path):
    with h5py.File(path / "S3_radiance_an.nc", "r+") as file:
        del file["S3_radiance_an"]
        file["S3_radiance_an"] = np.full((240, 300), b"x")


def numbers_beyond_their_bytes(path):
    """An int16 whose bits begin 64 bits behind its first one, in a header without a checksum."""
    file = path / "S8_BT_in.nc"
    with h5py.File(file) as opened:
        values, attributes = opened["S8_BT_in"][...], dict(opened["S8_BT_in"].attrs)
        offsets = {key: opened.attrs[key] for key in ("start_offset", "track_offset", "start_time", "stop_time")}
    with h5py.File(file, "w") as made:
        made["S8_BT_in"] = values
        for key in ("scale_factor", "add_offset", "_FillValue"):
            made["S8_BT_in"].attrs[key] = attributes[key]
        made.attrs.update(offsets)
    damaged = file.read_bytes().replace(bytes.fromhex("10 08 00 00 02 00 00 00 00 00 10 00"),
                                        bytes.fromhex("10 08 00 00 02 00 00 00 40 00 10 00"))
    assert damaged != file.read_bytes()
    file.write_bytes(damaged)


def other_size(path):
    with h5py.File(path / "S9_BT_in.nc", "r+") as file:
        del file["S9_BT_in"]
        file["S9_BT_in"] = np.zeros((7, 5), np.int16)


def no_offset(path):
    with h5py.File(path / "S1_radiance_an.nc", "r+") as file:
        del file.attrs["track_offset"]


def far_away(path):
    with h5py.File(path / "S1_radiance_an.nc", "r+") as file:
        file.attrs["start_offset"] = np.array([5], np.int32)


def remove_variable(path):
    with h5py.File(path / "S8_BT_in.nc", "r+") as file:
        del file["S8_exception_in"]


def all_fill(path):
    with h5py.File(path / "S8_BT_in.nc", "r+") as file:
        file["S8_BT_in"][...] = -32768


def cut(path):
    file = path / "S6_radiance_an.nc"
    os.truncate(file, file.stat().st_size // 2)


FAULTS = {
    "missing_band": (lambda path: (path / "S7_BT_in.nc").unlink(), "S7_BT_in.nc: is missing; the product is incomplete"),
    "no_view": (lambda path: [file.unlink() for file in path.glob("*_?[no].nc")], "S8_BT_in.nc: is missing"),
    "truncated": (cut, "S6_radiance_an.nc: is a truncated or damaged HDF5 file"),
    "empty": (lambda path: (path / "S8_BT_in.nc").write_bytes(b""), "S8_BT_in.nc: is empty"),
    "netcdf_classic": (lambda path: (path / "S8_BT_in.nc").write_bytes(b"CDF\x01" + bytes(100)), "is not an HDF5 file"),
    "variable": (remove_variable, "S8_BT_in.nc: dataset S8_exception_in is missing"),
    "text": (text_instead_of_numbers, "S3_radiance_an.nc: dataset S3_radiance_an holds text, wanted numbers"),
    "header": (numbers_beyond_their_bytes, "S8_BT_in.nc: dataset S8_BT_in has a damaged header"),
    "size": (other_size, "S9_BT_in.nc: variable S9_BT_in has 7 x 5 px, wanted 120 x 150 as S8_BT_in has"),
    "ties": (tie_points_without_values, "geometry_tn.nc: variable solar_zenith_tn has no valid value"),
    "offset": (no_offset, "S1_radiance_an.nc: attribute track_offset is missing"),
    "place": (far_away, "S1_radiance_an.nc: lies 152889 rows and 0 columns of 500 m from S8_BT_in.nc"),
    "fill": (all_fill, "no pixel has valid S8_BT_in and S9_BT_in"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_product_costs_one_line_that_names_file_and_variable(tmp_path, fault):
    path = make_product(tmp_path)
    damage, message = FAULTS[fault]
    damage(path)
    done = probe(path, tmp_path / "read.hdf")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert path.name in done.stderr and message in done.stderr


def test_tie_points_without_values_are_refused_by_who_needs_no_angles_too(tmp_path, program):
    path = make_product(tmp_path)
    tie_points_without_values(path)
    said = program("screen", "--method", "threshold", "--output", tmp_path / "masks", path, code=1).stderr
    assert "geometry_tn.nc: variable solar_zenith_tn has no valid value" in said


@pytest.mark.parametrize("chunk,compression", [((120, 150, 2), None), ((120, 150, 2), "gzip"), ((1, 2_000_000, 1), "gzip")],
                         ids=["deeper", "deeper_gzip", "wider"])
def test_chunks_that_reach_beyond_the_values_give_the_same(tmp_path, chunk, compression):
    path = make_product(tmp_path)
    plain, _ = read(path, tmp_path)
    with h5py.File(path / "S8_BT_in.nc", "r+") as file:
        values, attributes = file["S8_BT_in"][...], dict(file["S8_BT_in"].attrs)
        del file["S8_BT_in"]
        made = file.create_dataset("S8_BT_in", data=values[..., None], chunks=chunk, maxshape=(120, None, None),
                                   compression=compression)
        for key in ("scale_factor", "add_offset", "_FillValue"):
            made.attrs[key] = attributes[key]
    limits = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_DATA, (400 << 20, 400 << 20))}
    assert probe(path, tmp_path / "read.hdf", **limits).returncode == 0
    same(read(path, tmp_path)[0]["bts"], plain["bts"], 0)


def test_other_products_are_refused_by_kind(tmp_path):
    path = make_product(tmp_path, name="S3A_SL_2_LST____20210930T220914_20210930T221214_20211002T102150_0180_077_043_"
                                       "5400_LN2_O_NT_004.SEN3")
    done = probe(path, tmp_path / "read.hdf")
    assert "is a product of type SL_2_LST, wanted SL_1_RBT" in done.stderr


def test_tie_points_that_are_missing_here_and_there_are_bridged(tmp_path):
    path = make_product(tmp_path)
    whole, _ = read(path, tmp_path)
    with h5py.File(path / "geometry_tn.nc", "r+") as file:
        for tie in (3, 6):
            file["solar_zenith_tn"][:, tie] = np.nan
    bridged, _ = read(path, tmp_path)
    same(bridged["sun_zenith"], whole["sun_zenith"], 0.01)


def test_products_are_found_beside_scenes_and_take_every_command(program):
    for baseline in (3, 4, 5):
        make_product(program.folder / "train/deep", rows=130, columns=140, baseline=baseline, seed=baseline)
    product = make_product(program.folder / "test", rows=130, columns=140, baseline=5, seed=9)
    make_product(program.folder / "test", name="S3A_SL_2_WST____20210930T220914_20210930T221214_20211002T102150_0180_077"
                                               "_043_5400_LN2_O_NT_004.SEN3")  # not looked at
    config = program.config(epochs=1, cache_dir="cache")
    text = program("check", "--config", config).stdout
    assert "no faults found" in text and "training: 6 scenes" in text
    program("run", "--config", config)
    assert (program.folder / "out" / f"{product.name}.h5").exists()
    assert len(list((program.folder / "cache").glob("*.patches"))) == 8
    assert "ESA product" in program("info", f"test/{product.name}/").stdout
    scored = program("evaluate", "--masks", "out", "--scenes", f"test/{product.name}/").stdout
    assert "land" in scored and "sea" in scored
    program("compare", "--scenes", f"test/{product.name}", "--against", "bayes", "run=out")
    program("sst", "--output", "sst", "--masks", "out", f"test/{product.name}")
    assert (program.folder / "sst" / f"{product.name}.sst.h5").exists()
