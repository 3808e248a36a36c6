#!/usr/bin/env python3
"""Compares what cloudmask reads from a product with satpy's reader slstr_l1b, value by value. `make parity-products`.

    tests/products/parity.py --probe build/tests/scene_probe --program build/cloudmask [--granule FILE]

satpy leaves out the sun's angle and the exceptions, and applies the adjustment of radiances whatever the baseline: all
three are done here to its values. Its angles are splines, ours are straight lines between tie points 16 km apart. A
granule is a real product that SNAP has written as one netCDF file; it is made a product again and read back.
The masks go the other way: compliance-checker (CF 1.8) and satpy's reader satpy_cf_nc judge a netCDF mask.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import warnings

import h5py
import numpy as np
import satpy
from satpy.readers.slstr_l1b import CHANCALIB_FACTORS

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from granule import compare_granule  # noqa: E402
from make_sen3 import SCALES, THERMAL, is_missing, make_product  # noqa: E402


def read(probe, product, view):
    out = product.parent / "read.hdf"
    subprocess.run([probe, product, out, view], check=True, stdout=subprocess.DEVNULL)
    with h5py.File(out) as file:
        return {name: np.squeeze(file[name][...]) for name in file}


def missing(product, channel, kind):
    suffix = kind[-2:]
    with h5py.File(product / f"{channel}_{kind}.nc") as file:
        return is_missing(file[f"{channel}_exception_{suffix}"][...])


def load(product, view):
    """Arrays by name as satpy gives them."""
    patterns = [f"{name}{view[0]}.nc" for name in ("*_radiance_a", "*_BT_i", "geodetic_?", "geometry_t")]
    scene = satpy.Scene(filenames=[str(file) for pattern in patterns for file in product.glob(pattern)],
                        reader="slstr_l1b")
    reflective, thermal = list(SCALES), list(THERMAL)
    queries = [satpy.DataQuery(name=name, calibration="reflectance", view=view, stripe="a") for name in reflective]
    queries += [satpy.DataQuery(name=name, calibration="brightness_temperature", view=view, stripe="i")
                for name in thermal]
    queries += [satpy.DataQuery(name=name, view=view, stripe="i") for name in ("latitude", "longitude")]
    queries += [satpy.DataQuery(name=name, view=view, resolution=1000)
                for name in ("solar_zenith_angle", "satellite_zenith_angle")]
    scene.load(queries)
    names = reflective + thermal + ["latitude", "longitude", "sun_zenith", "view_zenith"]
    return {name: np.asarray(scene[query].values, dtype=float) for name, query in zip(names, queries)}


def report(name, found, wanted, limit):
    both = np.isfinite(found) & np.isfinite(wanted)
    worst = np.abs(found - wanted)[both].max()
    agree = (np.isfinite(found) == np.isfinite(wanted)).all()
    print(f"  {name:<12} largest difference {worst:.2e} (at most {limit:g}), {both.mean():.1%} valid in both"
          f"{'' if agree else ', MISSING PIXELS DIFFER'}")
    return worst <= limit and agree


def compare(probe, product, baseline, view):
    ours, theirs = read(probe, product, view), load(product, view)
    rows, columns = ours["sun_zenith"].shape
    print(f"baseline {baseline:03d}, {view}, {rows} x {columns} px: {product.name}")
    good = True
    cosine = np.cos(np.radians(ours["sun_zenith"]))
    for band, channel in enumerate(SCALES):
        fine = theirs[channel] / 100 / (1 if baseline < 5 else CHANCALIB_FACTORS[f"{channel}_{view}"])
        fine[missing(product, channel, f"radiance_a{view[0]}")] = np.nan
        blocks = fine.reshape(rows, 2, columns, 2)
        with np.errstate(invalid="ignore"):
            mean = np.nansum(blocks, axis=(1, 3)) / np.isfinite(blocks).sum(axis=(1, 3))
        good &= report(channel, ours["refs"][..., band], mean / cosine, 2e-5)
    for band, channel in enumerate(THERMAL):
        kelvin = theirs[channel]
        kelvin[missing(product, channel, f"BT_i{view[0]}")] = np.nan
        good &= report(channel, ours["bts"][..., band], kelvin, 1e-4)
    for name, limit in (("latitude", 2e-5), ("longitude", 2e-5)):
        good &= report(name, ours[name], theirs[name], limit)
    # satpy takes missing tie points for 0 degrees, and its spline swings beside them: compare away from these. The view
    # angle has a kink below the satellite.
    for name, limit in (("sun_zenith", 0.002), ("view_zenith", 0.3)):
        valid = np.flatnonzero(np.isfinite(ours[name]).all(axis=0))
        inner = slice(valid[0] + 200, valid[-1] - 200)
        good &= report(name, ours[name][:, inner], theirs[name][:, inner], limit)
    return good


def check_mask(program, folder):
    product = make_product(folder, rows=120, columns=300)
    command = ["screen", "--method", "threshold", "--format", "netcdf", "--output", folder]
    subprocess.run([program, *command, product], check=True, capture_output=True)
    # By the name that satpy_cf_nc goes by.
    mask = pathlib.Path(folder) / "Sentinel-3A-slstr-20210930220914-20210930221214.nc"
    (product.parent / f"{product.name}.nc").rename(mask)
    checker = pathlib.Path(sys.executable).parent / "compliance-checker"
    checked = subprocess.run([checker, "--test=cf:1.8", "--criteria=strict", mask], capture_output=True, text=True)
    good = "All tests passed" in checked.stdout
    print("CF 1.8, compliance-checker --criteria=strict:", "all tests passed" if good else checked.stdout)
    scene = satpy.Scene(filenames=[str(mask)], reader="satpy_cf_nc")
    scene.load(["cloud_mask", "cloud_probability"])
    swath = scene["cloud_mask"].attrs["area"]
    print(f"satpy_cf_nc: cloud_mask on a {type(swath).__name__} of {swath.shape}")
    return good and swath.shape == (120, 300)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probe", required=True, type=pathlib.Path)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--granule", type=pathlib.Path)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    good = True
    for baseline in (4, 5):
        with tempfile.TemporaryDirectory() as folder:
            product = make_product(folder, rows=60, columns=1500, baseline=baseline)
            for view in ("nadir", "oblique"):
                good &= compare(arguments.probe, product, baseline, view)
    with tempfile.TemporaryDirectory() as folder:
        good &= check_mask(arguments.program, folder)
    if arguments.granule and arguments.granule.exists():
        with tempfile.TemporaryDirectory() as folder:
            good &= compare_granule(arguments.probe, folder, arguments.granule)
    else:
        print("SKIPPED: the real granule, which is not here (--granule FILE)")
    print("equal within the limits" if good else "DIFFERENT")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
