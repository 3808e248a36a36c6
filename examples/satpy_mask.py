#!/usr/bin/env python3
"""Clear-sky brightness temperatures with satpy: satpy reads a product, cloudmask says where its clouds are.

    examples/satpy_mask.py S3A_SL_1_RBT____....SEN3 CLEAR.nc [MODEL.h5]

Writes S8 and S9 with cloud and missing pixels as NaN. Without a model the threshold tests find the clouds.
"""

import pathlib
import sys

import satpy
import xarray

import cloudmask


def main(product: str, output: str, model: str = "") -> None:
    scene = cloudmask.open_scene(product)
    mask = cloudmask.Model(model).predict(scene) if model else cloudmask.screen(scene)
    print(mask)

    files = [str(file) for file in pathlib.Path(product).glob("*.nc")]
    loaded = satpy.Scene(filenames=files, reader="slstr_l1b")
    bands = [satpy.DataQuery(name=name, calibration="brightness_temperature", view="nadir", stripe="i")
             for name in ("S8", "S9")]
    loaded.load(bands)
    clear = mask.to_xarray()["cloud_mask"] == 0  # satpy's grid: rows and columns of the nadir view at 1 km
    result = xarray.Dataset(coords={name: clear.coords[name] for name in ("latitude", "longitude")})
    for band in bands:
        values = loaded[band].where(clear.values)
        result[band["name"]] = (("y", "x"), values.values, {"units": "K"})
    result.to_netcdf(output)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
