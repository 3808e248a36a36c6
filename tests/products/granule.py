"""A real granule, thinned to 24 x 30 pixels by SNAP into one netCDF file of the classic kind, made a product again."""

import pathlib
import subprocess

import h5py
import numpy as np
import scipy.io
from make_sen3 import IRRADIANCE, SCALES, THERMAL, TIE_COLUMNS, NetCdf, is_missing, product_name

ADJUSTMENT = {"nadir": (0.97, 0.98, 0.98, 1.0, 1.11, 1.13), "oblique": (0.94, 0.95, 0.95, 1.0, 1.04, 1.07)}
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
    for v in "no":
        for channel, scale in SCALES.items():
            with NetCdf(path, f"{channel}_radiance_a{v}.nc", fine) as file:
                file.add(f"{channel}_radiance_a{v}", spread(raw[f"{channel}_radiance_a{v}"], 2), -32768, scale_factor=scale)
                file.add(f"{channel}_exception_a{v}", spread(raw[f"{channel}_exception_a{v}"], 2).astype(np.uint8))
        for channel in THERMAL:
            with NetCdf(path, f"{channel}_BT_i{v}.nc", image) as file:
                file.add(f"{channel}_BT_i{v}", spread(raw[f"{channel}_BT_i{v}"]), -32768, scale_factor=0.01,
                         add_offset=283.73)
                file.add(f"{channel}_exception_i{v}", spread(raw[f"{channel}_exception_i{v}"]).astype(np.uint8))
        with NetCdf(path, f"geometry_t{v}.nc", tie) as file:
            for name in (f"solar_zenith_t{v}", f"sat_zenith_t{v}"):
                ties = np.full((rows, TIE_COLUMNS), np.nan)
                ties[:, :columns] = raw[name]
                file.add(name, ties)
        with NetCdf(path, f"geodetic_i{v}.nc", image) as file:
            for name in (f"latitude_i{v}", f"longitude_i{v}"):
                file.add(name, spread(raw[name]), -2147483648, scale_factor=1e-6)
        with NetCdf(path, f"flags_i{v}.nc", image) as file:
            file.add(f"bayes_i{v}", spread(raw[f"bayes_i{v}"]).astype(np.uint8))
            file.add(f"confidence_i{v}", spread(raw[f"confidence_i{v}"]).astype(np.uint16))
    return path, raw


def compare_view(probe, product, raw, view):
    v = view[0]
    out = product.parent / "read.hdf"
    subprocess.run([probe, product, out, view], check=True, capture_output=True)
    with h5py.File(out) as file:
        ours = {name: np.squeeze(file[name][...])[:, ::STEP] for name in file}
    good = "bayes" not in ours  # 255 everywhere
    cosine = np.cos(np.radians(raw[f"solar_zenith_t{v}"]))
    for band, (channel, scale) in enumerate(SCALES.items()):
        packed = raw[f"{channel}_radiance_a{v}"]
        radiance = np.where(packed == -32768, np.nan, packed * scale)
        radiance[is_missing(raw[f"{channel}_exception_a{v}"].astype(np.uint8))] = np.nan
        wanted = np.pi * radiance * ADJUSTMENT[view][band] / IRRADIANCE[channel] / cosine
        good &= bool(np.allclose(ours["refs"][..., band], wanted, atol=2e-5, equal_nan=True))
        print(f"  {channel}: reflectance {np.nanmin(wanted):.3f} to {np.nanmax(wanted):.3f}, {np.isnan(wanted).mean():.1%} missing")
    for band, channel in enumerate(THERMAL):
        packed = raw[f"{channel}_BT_i{v}"]
        kelvin = np.where(packed == -32768, np.nan, packed * 0.01 + 283.73)
        kelvin[is_missing(raw[f"{channel}_exception_i{v}"].astype(np.uint8))] = np.nan
        good &= bool(np.allclose(ours["bts"][..., band], kelvin, atol=1e-3, equal_nan=True))
        print(f"  {channel}: {np.nanmin(kelvin):.1f} to {np.nanmax(kelvin):.1f} K, {np.isnan(kelvin).mean():.1%} missing")
    sea = (raw[f"confidence_i{v}"].astype(np.uint16) & 2) != 0
    good &= bool(((ours["surface"] == 0) == sea).all())
    latitude = raw[f"latitude_i{v}"]
    latitude = np.where(latitude == -2147483648, np.nan, latitude * 1e-6)
    good &= bool(np.allclose(ours["latitude"], latitude, atol=2e-5, equal_nan=True))
    print(f"granule of 2017-03-13, {view} view: {'equal' if good else 'DIFFERENT'}")
    return good


def compare_granule(probe, folder, granule):
    with scipy.io.netcdf_file(granule, mmap=False, maskandscale=False) as file:
        source = {name: np.array(variable[:]).astype(variable[:].dtype.newbyteorder("="))
                  for name, variable in file.variables.items()}
    product, raw = write_product(folder, source)
    good = True
    for view in ADJUSTMENT:
        good &= compare_view(probe, product, raw, view)
    return good
