#!/usr/bin/env python3
"""Writes SLSTR Level-1 products (SL_1_RBT) with the names, attributes, packing and fills of real ones, of any size.

    tests/products/make_sen3.py FOLDER [--rows 1200 --columns 1500 --baseline 4 --night --no-bayes --seed 1]

Makes FOLDER/<product name>.SEN3 with the files of both views, three in five columns in the oblique one, and prints its
path. Structure and packing: the product
format as satpy and SNAP read it. The scene itself is a field of smooth clouds, without any claim.
"""

import argparse
import pathlib

import h5py
import numpy as np

SCALES = {"S1": 0.01785, "S2": 0.0145, "S3": 0.009, "S4": 0.003452, "S5": 0.002258, "S6": 0.000742}
IRRADIANCE = {"S1": 1837.39, "S2": 1525.94, "S3": 956.17, "S4": 365.90, "S5": 248.33, "S6": 78.33}
THERMAL = ("S7", "S8", "S9")
TIE_COLUMNS = 130
START = "2021-09-30T22:09:13.958884Z"
STOP = "2021-09-30T22:12:13.958884Z"
ORPHANS = 13  # columns of pixels that found no place in the image; 187 of them in a real product


class Grid:
    """Rows and columns with the place of the first of each: the 1 km grid of a view of a real granule, and what lies on
    it. `view`: n or o, as names end."""

    def __init__(self, view, rows, columns, fine_row_shift=0):
        self.view = view
        track = {"n": 998, "o": 450}[view]
        self.image = {"rows": rows, "columns": columns, "orphan_pixels": ORPHANS, "start_offset": 76447,
                      "track_offset": track}
        self.fine = {"rows": 2 * rows, "columns": 2 * columns, "orphan_pixels": 2 * ORPHANS,
                     "start_offset": 152894 - fine_row_shift, "track_offset": 2 * track}
        self.tie = {"rows": rows, "columns": TIE_COLUMNS, "start_offset": 76447, "track_offset": 64}

    def tie_px(self):
        """Image columns of the tie points."""
        return np.arange(TIE_COLUMNS) * 16 + self.image["track_offset"] - 16 * self.tie["track_offset"]

    def swath_px(self):
        """First image column that was seen, and that behind the last: 740 km of 900 in the oblique view."""
        columns = self.image["columns"]
        return (columns // 40, columns) if self.view == "n" else (columns * 4 // 45, columns - columns * 4 // 45)

    def field(self, own, number):
        """Values between 0 and 1 for one of its grids, others in each view."""
        return smooth(own["rows"], own["columns"], number + (0 if self.view == "n" else 3))


def product_name(baseline, mission="S3A", kind="SL_1_RBT___"):
    return (f"{mission}_{kind}_20210930T220914_20210930T221214_20211002T102150_0180_077_043_5400_LN2_O_NT_"
            f"{baseline:03d}.SEN3")


class NetCdf:
    """One netCDF-4 file, written as the HDF5 that it is."""

    def __init__(self, folder, name, grid=None, lengths=None):
        self.file = h5py.File(folder / name, "w", track_order=True)
        texts = {"product_name": folder.name, "title": "SENTINEL-3 SLSTR Level 1 package", "institution": "LN2",
                 "source": "IPF-SL-1 06.18", "start_time": START, "stop_time": STOP, "resolution": "[ 1000 1000 ]"}
        for key, text in texts.items():
            self.file.attrs[key] = np.bytes_(text)
        self.lengths = lengths or {key: grid[key] for key in ("rows", "columns", "orphan_pixels") if key in grid}
        if grid:
            for key in ("start_offset", "track_offset"):
                self.file.attrs[key] = np.array([grid[key]], np.int32)
        for key, length in self.lengths.items():
            self.file.create_dataset(key, shape=(length,), dtype=">f4", track_times=False)
            self.file[key].make_scale(f"This is a netCDF dimension but not a netCDF variable.{length:10d}")

    def add(self, name, values, fill=None, **attributes):
        """Adds a variable, and on a grid with orphans that of theirs, whose values are nowhere in the image."""
        values = np.asarray(values)
        self.write(name, values, [key for key in self.lengths if key != "orphan_pixels"], fill, attributes)
        if "orphan_pixels" in self.lengths:
            orphans = np.full((self.lengths["rows"], self.lengths["orphan_pixels"]), 1, values.dtype)
            name, grid = name.rsplit("_", 1)
            self.write(f"{name}_orphan_{grid}", orphans, ["rows", "orphan_pixels"], fill, attributes)

    def write(self, name, values, dimensions, fill, attributes):
        # Two by two chunks of a large raster, as netCDF-C 4.6 chooses.
        chunks = tuple(-(-size // (2 if size > 1000 else 1)) for size in values.shape)
        variable = self.file.create_dataset(name, data=values, chunks=chunks, compression="gzip", compression_opts=2,
                                            shuffle=True, fillvalue=fill, track_times=False, track_order=True)
        for axis, key in enumerate(dimensions):
            variable.dims[axis].attach_scale(self.file[key])
        if fill is not None:
            variable.attrs["_FillValue"] = np.array([fill], values.dtype)
        for key, value in attributes.items():
            variable.attrs[key] = np.bytes_(value) if isinstance(value, str) else np.atleast_1d(value)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


def pack(values, scale, offset=0.0):
    packed = np.where(np.isfinite(values), np.clip(np.round((values - offset) / scale), -32767, 32767), -32768)
    return packed.astype(np.int16)


def smooth(rows, columns, number):
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    waves = np.sin(x / (17 + number) + number) * np.cos(y / (13 + 2 * number)) + np.sin((x + 2 * y) / (61 + number))
    return (waves + 2) / 4


def exceptions(grid, own, random):
    """Pixels beyond the swath unfilled, some gaps filled from their neighbours (2), some pixels saturated, some without
    signal, some of packets that are missing (1)."""
    bits = np.zeros((own["rows"], own["columns"]), np.uint8)
    chance = random.random(bits.shape)
    bits[chance < 0.28] = 2
    bits[chance > 0.99] = 1
    bits[chance > 0.995] = 16
    bits[chance > 0.997] = 8 + 32
    bits[chance > 0.999] = 16 + 2
    fine = own["columns"] // grid.image["columns"]
    first, end = grid.swath_px()
    bits[:, : first * fine] = bits[:, end * fine:] = 128
    return bits


def add_exceptions(file, name, bits):
    file.add(name, bits, 128, flag_masks=np.array([1 << bit for bit in range(8)], np.uint8),
             flag_meanings="ISP_absent pixel_absent not_decompressed no_signal saturation invalid_radiance "
                           "no_parameters unfilled_pixel")


def is_missing(bits):
    """All exceptions but pixel_absent alone, which has been filled from a neighbour."""
    return (bits & ~np.uint8(2)) != 0


def sun_zenith(rows, night, lowest, highest, view):
    low, high = (105.0, 140.0) if night else (lowest, highest)
    along = np.linspace(0, 1, rows)[:, None]
    across = np.linspace(-1, 1, TIE_COLUMNS)[None, :]
    return low + (high - low) * along + 4.0 * across + (0 if view == "n" else 1.5)


def write_indices(folder, grid):
    """Which detector saw a pixel: returns those of the 500 m grid."""
    for suffix, own in (("i" + grid.view, grid.image), ("a" + grid.view, grid.fine)):
        shape = rows, columns = own["rows"], own["columns"]
        detector = np.broadcast_to((np.arange(rows) % 4).astype(np.uint8)[:, None], shape).copy()
        first, end = np.array(grid.swath_px()) * (columns // grid.image["columns"])
        detector[:, :first] = detector[:, end:] = 255
        with NetCdf(folder, f"indices_{suffix}.nc", own) as file:
            file.add(f"detector_{suffix}", detector, 255)
            file.add(f"pixel_{suffix}", np.broadcast_to(np.arange(columns, dtype=np.uint16), shape), 65535)
            file.add(f"scan_{suffix}", np.broadcast_to(np.arange(rows, dtype=np.uint16)[:, None], shape), 65535)
    return detector


def irradiances(view):
    """Of the four detectors in each channel, mW m-2 nm-1."""
    return {channel: mean * (1 + 0.01 * np.arange(4) + (0 if view == "n" else 0.003))
            for channel, mean in IRRADIANCE.items()}


def write_viscal(folder):
    with NetCdf(folder, "viscal.nc", lengths={"visible_detectors": 4, "views": 2}) as file:
        for channel in IRRADIANCE:
            file.add(f"{channel}_solar_irradiances", np.stack([irradiances(view)[channel] for view in "no"], axis=1))


def write_radiance(folder, grid, sun, random):
    rows, columns = grid.fine["rows"], grid.fine["columns"]
    at = np.arange(grid.image["columns"])
    sun = np.repeat(np.repeat([np.interp(at, grid.tie_px(), row) for row in sun], 2, axis=0), 2, axis=1)
    lit = np.where(sun < 88, np.cos(np.radians(np.minimum(sun, 88))), np.nan)
    detector = write_indices(folder, grid)
    for number, (channel, scale) in enumerate(SCALES.items()):
        irradiance = irradiances(grid.view)[channel]
        reflectance = 0.05 + 0.8 * grid.field(grid.fine, number) + 0.01 * random.standard_normal((rows, columns))
        by_detector = irradiance[np.minimum(detector, 3)]
        radiance = reflectance * by_detector * lit / np.pi
        if channel in ("S5", "S6"):  # measured by night as well
            radiance = np.where(np.isfinite(radiance), radiance, 0.02 * random.random((rows, columns)))
        bits = exceptions(grid, grid.fine, random)
        radiance[is_missing(bits & ~np.uint8(1 | 16))] = np.nan
        with NetCdf(folder, f"{channel}_radiance_a{grid.view}.nc", grid.fine) as file:
            file.add(f"{channel}_radiance_a{grid.view}", pack(radiance, scale), -32768, scale_factor=scale, add_offset=0.0,
                     units="mW.m-2.sr-1.nm-1", standard_name="toa_upwelling_spectral_radiance")
            add_exceptions(file, f"{channel}_exception_a{grid.view}", bits)
        with NetCdf(folder, f"{channel}_quality_a{grid.view}.nc", lengths={"detectors": 4}) as file:
            file.add(f"{channel}_solar_irradiance_a{grid.view}", irradiance.astype(np.float32), units="mW.m-2.nm-1")


def write_temperature(folder, grid, random):
    field = grid.field(grid.image, 0)
    for number, channel in enumerate(THERMAL):
        kelvin = 300 - 60 * field + number + 0.05 * random.standard_normal(field.shape)
        bits = exceptions(grid, grid.image, random)
        kelvin[is_missing(bits & ~np.uint8(1 | 16))] = np.nan
        with NetCdf(folder, f"{channel}_BT_i{grid.view}.nc", grid.image) as file:
            file.add(f"{channel}_BT_i{grid.view}", pack(kelvin, 0.01, 283.73), -32768, scale_factor=0.01, add_offset=283.73,
                     units="K", standard_name="toa_brightness_temperature")
            add_exceptions(file, f"{channel}_exception_i{grid.view}", bits)


def write_geometry(folder, grid, sun):
    across_km = np.abs(grid.tie_px() - grid.image["track_offset"]).astype(float)
    view = 5 + np.degrees(np.arctan(across_km / 815)) if grid.view == "n" else 54.93 + 5e-5 * across_km
    first, end = (0, (TIE_COLUMNS - 10) * 16) if grid.view == "n" else grid.swath_px()
    seen = (grid.tie_px() >= first - 32) & (grid.tie_px() < end)
    with NetCdf(folder, f"geometry_t{grid.view}.nc", grid.tie) as file:
        for name, angle in {"solar_zenith": sun, "sat_zenith": view, "solar_azimuth": 140, "sat_azimuth": 100}.items():
            ties = np.where(seen, np.broadcast_to(angle, sun.shape), np.nan)
            file.add(f"{name}_t{grid.view}", ties, np.nan, units="degrees")


def slanting(row, column):
    """Latitude and longitude of pixels where nothing else is asked for: across the 180th meridian."""
    return 45 - 0.009 * row - 0.001 * column, 179 + 0.012 * column + 0.002 * row


def swath_around(latitude, longitude, rows, columns, heading=-15.0):
    """Pixels of 1 km on a sphere around a place, rows along a heading (degrees): good for poles too."""
    def place(row, column):
        along, across = rows / 2 - row, column - columns / 2
        distance = np.hypot(along, across) / 6371.0
        bearing = np.arctan2(across, along) + np.radians(heading)
        centre = np.radians(latitude)
        sine = np.sin(centre) * np.cos(distance) + np.cos(centre) * np.sin(distance) * np.cos(bearing)
        turned = np.arctan2(np.sin(bearing) * np.sin(distance) * np.cos(centre),
                            np.cos(distance) - np.sin(centre) * sine)
        return np.degrees(np.arcsin(np.clip(sine, -1, 1))), longitude + np.degrees(turned)
    return place


def write_places(folder, grid, place):
    grids = [("i" + grid.view, grid.image, 1), ("a" + grid.view, grid.fine, 0.5)]
    for suffix, own, step_px in grids + ([("tx", grid.tie, 16)] if grid.view == "n" else []):
        rows, columns = own["rows"], own["columns"]
        row = np.arange(rows)[:, None] * min(step_px, 1.0)
        column = grid.tie_px()[None, :] if suffix == "tx" else np.arange(columns)[None, :] * step_px
        x_m = (grid.image["track_offset"] - column - 0.5) * 1000 + 0 * row
        y_m = row * 1004 + 0 * column
        latitude, longitude = place(row, column + 998 - grid.image["track_offset"])
        longitude = (longitude + 180) % 360 - 180
        with NetCdf(folder, f"cartesian_{suffix}.nc", own) as file:
            for name, metres, fill in (("x", x_m, -1000000), ("y", y_m, -5000000)):
                kind = np.float64 if suffix == "tx" else np.int32
                file.add(f"{name}_{suffix}", np.round(metres).astype(kind), kind(fill), units="m")
        with NetCdf(folder, f"geodetic_{suffix}.nc", own) as file:
            for name, degrees in (("latitude", latitude), ("longitude", longitude)):
                if suffix == "tx":
                    file.add(f"{name}_tx", degrees)
                else:
                    file.add(f"{name}_{suffix}", np.round(degrees * 1e6).astype(np.int32), -2147483648,
                             scale_factor=1e-6, add_offset=0.0,
                             units="degrees_north" if name == "latitude" else "degrees_east", standard_name=name)


def write_flags(folder, grid, with_bayes):
    columns = grid.image["columns"]
    cloud = grid.field(grid.image, 0) > 0.5
    sea = np.broadcast_to((np.arange(columns) // 37 % 2 == 0)[None, :], cloud.shape)
    confidence = np.where(sea, 2, 8).astype(np.uint16) | np.where(cloud, 16384, 0).astype(np.uint16)
    confidence[:, columns // 2] = 16 + 8  # inland water
    confidence[:, columns // 2 + 1] = 32  # unfilled
    bayes = np.where(cloud, 2 + 1, 1).astype(np.uint8)
    if not with_bayes:
        bayes[:] = 255
    with NetCdf(folder, f"flags_i{grid.view}.nc", grid.image) as file:
        file.add(f"cloud_i{grid.view}", np.where(cloud, 128, 0).astype(np.uint16))
        file.add(f"confidence_i{grid.view}", confidence)
        file.add(f"bayes_i{grid.view}", bayes)
        file.add(f"pointing_i{grid.view}", np.zeros_like(bayes))


def write_manifest(folder):
    files = "".join(f'<dataObject ID="{path.stem}"><byteStream mimeType="application/x-netcdf" size="'
                    f'{path.stat().st_size}"><fileLocation locatorType="URL" href="./{path.name}"/></byteStream>'
                    f'</dataObject>\n' for path in sorted(folder.glob("*.nc")))
    (folder / "xfdumanifest.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<xfdu:XFDU xmlns:xfdu="urn:ccsds:schema:xfdu:1">\n<dataObjectSection>\n'
        f"{files}</dataObjectSection>\n</xfdu:XFDU>\n")


def make_product(folder, rows=120, columns=150, baseline=4, night=False, bayes=True, seed=1, lowest=30.0, highest=70.0,
                 fine_row_shift=0, name=None, place=slanting, views="no"):
    """Makes the product and returns its path. `lowest` and `highest`: the sun's zenith angle along the track; `place`:
    latitude and longitude of (row, column) of the nadir view; `views`: n and o, as names end."""
    path = pathlib.Path(folder) / (name or product_name(baseline))
    path.mkdir(parents=True)
    random = np.random.default_rng(seed)
    for view in views:
        grid = Grid(view, rows, columns if view == "n" else columns * 3 // 5, fine_row_shift)
        sun = sun_zenith(rows, night, lowest, highest, view)
        write_radiance(path, grid, sun, random)
        write_temperature(path, grid, random)
        write_geometry(path, grid, sun)
        write_places(path, grid, place)
        write_flags(path, grid, bayes)
    write_viscal(path)
    write_manifest(path)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=1200)
    parser.add_argument("--columns", type=int, default=1500)
    parser.add_argument("--baseline", type=int, default=4)
    parser.add_argument("--night", action="store_true")
    parser.add_argument("--no-bayes", dest="bayes", action="store_false")
    parser.add_argument("--seed", type=int, default=1)
    print(make_product(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
