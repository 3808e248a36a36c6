"""A real granule, thinned to 24 x 30 pixels by SNAP into one netCDF file of the classic kind, made a product again."""

import pathlib
import subprocess

import h5py
import numpy as np
import scipy.io
from make_sen3 import IRRADIANCE, SCALES, THERMAL, TIE_COLUMNS, NetCdf, is_missing, product_name

STEP = 16  # each of its pixels becomes a tie point, with 16 equal ones to the next


def spread(values, fine=1):
    return np.repeat(np.repeat(values, fine, axis=0), STEP * fine, axis=1)


def write_product(folder, source):
    """The granule's pixels, each 16 columns wide, below tie points at the first of each 16."""
    path = pathlib.Path(folder) / product_name(2)
    path.mkdir(parents=True)
    raw = {name: source[name] for name in source if name[:1] != "_"}
    rows, columns = raw["S8_BT_in"].shape
    image = {"rows": rows, "columns": columns * STEP, "start_offset": 0, "track_offset": 0}
    fine = {"rows": 2 * rows, "columns": 2 * columns * STEP, "start_offset": 0, "track_offset": 0}
    tie = {"rows": rows, "columns": TIE_COLUMNS, "start_offset": 0, "track_offset": 0}
    for channel, scale in SCALES.items():
        with NetCdf(path, f"{channel}_radiance_an.nc", fine) as file:
            file.add(f"{channel}_radiance_an", spread(raw[f"{channel}_radiance_an"], 2), -32768, scale_factor=scale)
            file.add(f"{channel}_exception_an", spread(raw[f"{channel}_exception_an"], 2).astype(np.uint8))
    for channel in THERMAL:
        with NetCdf(path, f"{channel}_BT_in.nc", image) as file:
            file.add(f"{channel}_BT_in", spread(raw[f"{channel}_BT_in"]), -32768, scale_factor=0.01, add_offset=283.73)
            file.add(f"{channel}_exception_in", spread(raw[f"{channel}_exception_in"]).astype(np.uint8))
    with NetCdf(path, "geometry_tn.nc", tie) as file:
        for name in ("solar_zenith_tn", "sat_zenith_tn"):
            ties = np.full((rows, TIE_COLUMNS), np.nan)
            ties[:, :columns] = raw[name]
            file.add(name, ties)
    with NetCdf(path, "geodetic_in.nc", image) as file:
        for name in ("latitude_in", "longitude_in"):
            file.add(name, spread(raw[name]), -2147483648, scale_factor=1e-6)
    with NetCdf(path, "flags_in.nc", image) as file:
        file.add("bayes_in", spread(raw["bayes_in"]).astype(np.uint8))
        file.add("confidence_in", spread(raw["confidence_in"]).astype(np.uint16))
    return path, raw


def compare_granule(probe, folder, granule):
    with scipy.io.netcdf_file(granule, mmap=False, maskandscale=False) as file:
        source = {name: np.array(variable[:]).astype(variable[:].dtype.newbyteorder("="))
                  for name, variable in file.variables.items()}
    product, raw = write_product(folder, source)
    out = pathlib.Path(folder) / "read.hdf"
    subprocess.run([probe, product, out], check=True, capture_output=True)
    with h5py.File(out) as file:
        ours = {name: np.squeeze(file[name][...])[:, ::STEP] for name in file}
    adjustment = (0.97, 0.98, 0.98, 1.0, 1.11, 1.13)
    good = "bayes" not in ours  # 255 everywhere
    for band, (channel, scale) in enumerate(SCALES.items()):
        radiance = np.where(raw[f"{channel}_radiance_an"] == -32768, np.nan, raw[f"{channel}_radiance_an"] * scale)
        radiance[is_missing(raw[f"{channel}_exception_an"].astype(np.uint8))] = np.nan
        wanted = np.pi * radiance * adjustment[band] / IRRADIANCE[channel] / np.cos(np.radians(raw["solar_zenith_tn"]))
        good &= bool(np.allclose(ours["refs"][..., band], wanted, atol=2e-5, equal_nan=True))
        print(f"  {channel}: reflectance {np.nanmin(wanted):.3f} to {np.nanmax(wanted):.3f}, {np.isnan(wanted).mean():.1%} missing")
    for band, channel in enumerate(THERMAL):
        kelvin = np.where(raw[f"{channel}_BT_in"] == -32768, np.nan, raw[f"{channel}_BT_in"] * 0.01 + 283.73)
        kelvin[is_missing(raw[f"{channel}_exception_in"].astype(np.uint8))] = np.nan
        good &= bool(np.allclose(ours["bts"][..., band], kelvin, atol=1e-3, equal_nan=True))
        print(f"  {channel}: {np.nanmin(kelvin):.1f} to {np.nanmax(kelvin):.1f} K, {np.isnan(kelvin).mean():.1%} missing")
    sea = (raw["confidence_in"].astype(np.uint16) & 2) != 0
    good &= bool(((ours["surface"] == 0) == sea).all())
    good &= bool(np.allclose(ours["latitude"], raw["latitude_in"] * 1e-6, atol=2e-5))
    print(f"granule of 2017-03-13: {'equal' if good else 'DIFFERENT'}")
    return good
