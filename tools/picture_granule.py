#!/usr/bin/env python3
"""Draws a real granule that SNAP has thinned into one netCDF file beside ESA's cloud flag and what each method says.

    tools/picture_granule.py --program build/cloudmask --granule FILE [--tables FILE] [--model NAME=FILE ...] PICTURE.png

False colour (S5, S3, S2), the summary flag of the product, threshold tests, Bayes' rule with tables learnt elsewhere, and
networks; brightness is the probability of cloud. Prints the share of cloud, and the agreement with the flag. Needs h5py,
numpy, pillow and scipy. docs/pictures/granule.png is made with it.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import scipy.io
from PIL import Image, ImageDraw

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/products"))
from make_sen3 import IRRADIANCE, SCALES, THERMAL  # noqa: E402

ADJUSTMENT = (0.97, 0.98, 0.98, 1.0, 1.11, 1.13)  # docs/products.md
SUMMARY_CLOUD = 1 << 14
SCALE, TITLE = 12, 16


def read_granule(file):
    """Reflectances, brightness temperatures, ESA's summary flag."""
    with scipy.io.netcdf_file(file, mmap=False, maskandscale=False) as source:
        raw = {name: np.array(variable[:]) for name, variable in source.variables.items()}
    sun = np.cos(np.radians(raw["solar_zenith_tn"]))

    def calibrated(name, scale, offset=0):
        values = raw[name].astype("f8") * scale + offset
        exception = raw[name.replace("_radiance", "_exception").replace("_BT", "_exception")].astype("u1")
        values[(raw[name] == -32768) | (exception >= 3)] = np.nan
        return values

    reflectance = [np.pi * calibrated(f"{channel}_radiance_an", scale) * adjustment / IRRADIANCE[channel] / sun
                   for (channel, scale), adjustment in zip(SCALES.items(), ADJUSTMENT)]
    kelvin = [calibrated(f"{channel}_BT_in", 0.01, 283.73) for channel in THERMAL]
    flag = (raw["confidence_in"].astype("u2") & SUMMARY_CLOUD) != 0
    return np.stack(reflectance, -1), np.stack(kelvin, -1), np.where(np.isnan(kelvin[1]), np.nan, flag)


def masks(options, folder, scene):
    def run(name, *words):
        subprocess.run([options.program, *words, "--output", folder / name, "--quiet", scene], check=True)
        with h5py.File(folder / name / f"{scene.name}.h5") as file:
            return file["mask"][0, ..., 0]

    found = {"threshold": run("threshold", "screen", "--method", "threshold")}
    if options.tables:
        found["Bayesian"] = run("bayesian", "screen", "--method", "bayesian", "--tables", options.tables)
    for model in options.model:
        name, _, file = model.partition("=")
        found[name] = run(name, "infer", "--model", file)
    return found


def grey(values):
    return np.where(np.isnan(values)[..., None], np.array((122, 82, 48)), (255 * np.nan_to_num(values))[..., None]).astype("u1")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--granule", type=pathlib.Path, required=True)
    parser.add_argument("--tables", type=pathlib.Path)
    parser.add_argument("--model", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("picture", type=pathlib.Path)
    options = parser.parse_args()
    options.program = options.program.resolve()
    reflectance, kelvin, flag = read_granule(options.granule)
    with tempfile.TemporaryDirectory() as name:
        scene = pathlib.Path(name) / "S3A_granule.hdf"
        with h5py.File(scene, "w") as file:
            file["refs"], file["bts"] = reflectance.astype("f4"), kelvin.astype("f4")
        found = masks(options, pathlib.Path(name), scene)
    picture = (255 * np.clip(np.nan_to_num(reflectance[..., (4, 2, 1)]) / (0.7, 0.85, 0.85), 0, 1) ** (1 / 1.7)).astype("u1")
    panels = {"S5, S3, S2": picture, f"ESA's flag {np.nanmean(flag):.0%}": grey(flag)}
    for method, probability in found.items():
        known = ~np.isnan(probability) & ~np.isnan(flag)
        cloud = probability[known] >= 0.5
        print(f"{method}: {cloud.mean():.1%} cloud; as the flag on {(cloud == (flag[known] > 0)).mean():.1%}")
        panels[f"{method} {cloud.mean():.0%}"] = grey(probability)
    height, width = flag.shape[0] * SCALE, flag.shape[1] * SCALE
    columns = min(len(panels), 3)
    rows = -(-len(panels) // columns)
    sheet = Image.new("RGB", (columns * (width + 8), rows * (height + TITLE + 8)), "white")
    for i, (title, panel) in enumerate(panels.items()):
        x, y = i % columns * (width + 8) + 4, i // columns * (height + TITLE + 8) + 4
        ImageDraw.Draw(sheet).text((x, y), title, "black")
        sheet.paste(Image.fromarray(panel).resize((width, height), Image.Resampling.NEAREST), (x, y + TITLE))
    sheet.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(options.picture, optimize=True)


if __name__ == "__main__":
    main()
