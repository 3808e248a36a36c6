#!/usr/bin/env python3
"""satpy reads and calibrates the channels that cloud masks are made from, with their coordinates: one JSON line.

    bench/peers/satpy_channels.py PRODUCT.SEN3

`read_s` leaves out starting Python and importing satpy.
"""

import json
import pathlib
import sys
import time
import warnings

import dask
import satpy

REFLECTIVE = ("S1", "S2", "S3", "S4", "S5", "S6")
THERMAL = ("S7", "S8", "S9")


def main():
    warnings.filterwarnings("ignore")
    product = pathlib.Path(sys.argv[1])
    started = time.perf_counter()
    patterns = ("*_radiance_an.nc", "*_BT_in.nc", "geodetic_?n.nc", "geometry_tn.nc")
    scene = satpy.Scene(filenames=[str(file) for pattern in patterns for file in product.glob(pattern)],
                        reader="slstr_l1b")
    queries = [satpy.DataQuery(name=name, calibration="reflectance", view="nadir", stripe="a") for name in REFLECTIVE]
    queries += [satpy.DataQuery(name=name, calibration="brightness_temperature", view="nadir", stripe="i")
                for name in THERMAL]
    queries += [satpy.DataQuery(name=name, view="nadir", stripe="i") for name in ("latitude", "longitude")]
    scene.load(queries)
    values = dask.compute(*(scene[query].data for query in queries))
    print(json.dumps({"read_s": time.perf_counter() - started, "satpy": satpy.__version__,
                      "values": sum(value.size for value in values)}))


if __name__ == "__main__":
    main()
