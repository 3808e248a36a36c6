"""Scenes, from files or from arrays."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core, _settings

if TYPE_CHECKING:
    import xarray

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]

REFLECTANCE_BANDS = ("S1", "S2", "S3", "S4", "S5", "S6")
TEMPERATURE_BANDS = ("S7", "S8", "S9")
View = Literal["nadir", "oblique"]


def checked_view(view: str) -> str:
    if view not in ("nadir", "oblique"):
        raise _core.UsageError(f"view is {view!r}, it takes 'nadir' or 'oblique'")
    return view


def _floats(name: str, values: Any) -> Floats:
    """As contiguous float32; masked elements, as netCDF4 gives them, are NaN."""
    array = values if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise _core.UsageError(f"{name} has dtype {array.dtype}, wanted numbers: float32, or what converts to it")
    if isinstance(array, np.ma.MaskedArray):
        array = np.ma.filled(array.astype(np.float32), np.nan)
    return np.ascontiguousarray(array, np.float32)


class Scene:
    """One SLSTR scene on the 1 km grid of its view.

    Arrays are views of the scene's own memory, [height, width, ...], NaN where there is no value: what is written into
    them is what methods see. They keep the memory alive. An attribute that the scene does not have is None.

    Made from arrays (NumPy, xarray or what np.asarray takes), which are copied once:

    - `reflectance`: [H, W, 6], S1 to S6, fractions (satpy's are percent: divide by 100); NaN by night
    - `brightness_temperature_k`: [H, W, 3], S7 to S9, kelvin
    - `latitude_deg`, `longitude_deg`: [H, W], both or none
    - `view`: of the instrument, "nadir" or "oblique": masks tell it

    Values outside of what can be measured become NaN, as from files. Raises UsageError for wrong shapes or units.
    """

    def __init__(self, reflectance: Any, brightness_temperature_k: Any, *, name: str = "scene",
                 view: View = "nadir", latitude_deg: Any = None, longitude_deg: Any = None) -> None:
        def place(which: str, values: Any) -> Floats | None:
            return None if values is None else _floats(which, values)

        self._core = _core.scene_from_arrays(
            name, checked_view(view), _floats("reflectance", reflectance),
            _floats("brightness_temperature_k", brightness_temperature_k),
            place("latitude_deg", latitude_deg), place("longitude_deg", longitude_deg))

    @classmethod
    def _of(cls, core: _core.Scene) -> Scene:
        scene = cls.__new__(cls)
        scene._core = core
        return scene

    def __repr__(self) -> str:
        return f"<cloudmask.Scene {self.name!r}, {self.shape[0]} x {self.shape[1]} px>"

    @property
    def name(self) -> str:
        """Of the file."""
        return self._core.name

    @property
    def view(self) -> str:
        """"nadir" or "oblique"."""
        return self._core.view

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self._core.height_px, self._core.width_px

    @property
    def reflectance(self) -> Floats:
        """[H, W, 6], S1 to S6."""
        return self._core.reflectance

    @property
    def brightness_temperature_k(self) -> Floats:
        """[H, W, 3], S7 to S9."""
        return self._core.brightness_temperature_k

    @property
    def latitude_deg(self) -> Floats | None:
        """[H, W], north."""
        return self._core.latitude_deg

    @property
    def longitude_deg(self) -> Floats | None:
        """[H, W], east."""
        return self._core.longitude_deg

    @property
    def sun_zenith_deg(self) -> Floats | None:
        """Of products, when open_scene was asked for angles."""
        return self._core.sun_zenith_deg

    @property
    def view_zenith_deg(self) -> Floats | None:
        """Of products, when open_scene was asked for angles."""
        return self._core.view_zenith_deg

    @property
    def label(self) -> Codes | None:
        """The provider's Bayesian mask: 0 clear, 1 cloud, 255 not known."""
        return self._core.label

    @property
    def summary(self) -> Codes | None:
        """The provider's threshold tests together, coded as label; of products."""
        return self._core.summary

    @property
    def truth(self) -> Codes | None:
        """Of synthetic scenes, coded as label."""
        return self._core.truth

    @property
    def surface(self) -> Codes | None:
        """0 sea, 1 land, 2 desert, 3 snow, 4 sea ice, 255 not known."""
        return self._core.surface

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """True where S8 or S9 is missing: no method can judge the pixel. Computed anew each time."""
        return self._core.missing()

    @property
    def daylight(self) -> bool:
        """Whether more than half of the pixels with data are lit."""
        return self._core.daylight

    @property
    def start_time(self) -> str:
        """ISO 8601, UTC; empty when not known."""
        return self._core.start_time

    @property
    def stop_time(self) -> str:
        """ISO 8601, UTC; empty when not known."""
        return self._core.stop_time

    def to_xarray(self) -> xarray.Dataset:
        """With latitude and longitude as coordinates where known; the arrays are shared, not copied."""
        import xarray

        dataset = xarray.Dataset(
            {"reflectance": (("y", "x", "reflectance_band"), self.reflectance, {"units": "1"}),
             "brightness_temperature": (("y", "x", "temperature_band"), self.brightness_temperature_k, {"units": "K"})},
            {"reflectance_band": list(REFLECTANCE_BANDS), "temperature_band": list(TEMPERATURE_BANDS),
             **coordinates(self._core)},
            {"scene": self.name, "view": self.view})
        for name in ("label", "summary", "truth", "surface"):
            values = getattr(self, name)
            if values is not None:
                dataset[name] = (("y", "x"), values)
        return dataset


def coordinates(place: _core.Scene | _core.Mask) -> dict[str, Any]:
    """Latitude and longitude as xarray takes them; nothing where they are not known."""
    if place.latitude_deg is None or place.longitude_deg is None:
        return {}
    return {"latitude": (("y", "x"), place.latitude_deg, {"standard_name": "latitude", "units": "degrees_north"}),
            "longitude": (("y", "x"), place.longitude_deg, {"standard_name": "longitude", "units": "degrees_east"})}


def open_scene(path: str | os.PathLike[str], *, angles: bool = False, **settings: Any) -> Scene:
    """Reads one scene: a file of the benchmark (HDF5), or ESA's Level-1 product as folder (.SEN3), .zip or .tar.

    `angles`: also the zenith angles of sun and view. Settings that matter: threads, reflectance_grid, and of
    products view ("oblique"). Raises Error naming file, dataset, what was found and what was wanted.
    """
    return Scene._of(_core.read_scene(path, angles, _settings.load(None, settings)))
