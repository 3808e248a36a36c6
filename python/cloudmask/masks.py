"""Methods that find clouds, and the masks they give."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core, _settings
from .scenes import Floats, Scene, coordinates

if TYPE_CHECKING:
    import xarray

Path = str | os.PathLike[str]


class Mask:
    """The clouds of a scene. Arrays are views of the mask's own memory, which they keep alive."""

    def __init__(self, core: _core.Mask) -> None:
        self._core = core

    def __repr__(self) -> str:
        return f"<cloudmask.Mask of {self.scene!r} by {self.method}, {100 * self.cloud_fraction:.1f} % cloud>"

    @property
    def probability(self) -> Floats:
        """Probability of cloud [H, W], 0 clear to 1 cloud; NaN where the scene has no data."""
        return self._core.probability

    @property
    def threshold(self) -> float:
        """Probability from which a pixel counts as cloud: the setting `threshold`, else the method's own."""
        return self._core.threshold

    @property
    def cloud(self) -> npt.NDArray[np.bool_]:
        """True where the probability is the threshold or more; False where there is no data. Computed anew."""
        return np.asarray(np.greater_equal(self.probability, self.threshold, signature="dd->?"))  # as the program

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """True where the scene has no data. Computed anew."""
        return np.isnan(self.probability)

    @property
    def cloud_fraction(self) -> float:
        """Of the pixels that are not missing."""
        known = np.count_nonzero(~self.missing)
        return float(np.count_nonzero(self.cloud) / known) if known else float("nan")

    @property
    def flags(self) -> npt.NDArray[np.uint16] | None:
        """[H, W], bit i is set where the test flag_names[i] calls the pixel cloud; None for methods without tests."""
        return self._core.flags

    @property
    def flag_names(self) -> list[str]:
        """Words for the bits of `flags`, in their order; empty for methods without tests."""
        return self._core.flag_names

    @property
    def scene(self) -> str:
        """Name of the scene."""
        return self._core.scene

    @property
    def view(self) -> str:
        """Of the scene, "nadir" or "oblique"."""
        return self._core.view

    @property
    def method(self) -> str:
        """"network", "threshold" or "bayesian"."""
        return self._core.method

    @property
    def model(self) -> str:
        """Name and checksum of the model, tests or tables."""
        return self._core.model

    def save(self, path: Path) -> None:
        """The file that the program writes: CF-1.8 netCDF when the name ends in .nc, a map as GeoTIFF for .tif, else
        HDF5. Whole or not at all."""
        self._core.save(path)

    def to_xarray(self) -> xarray.Dataset:
        """cloud_probability, cloud_mask (1 cloud, 0 clear, -1 no data) and, where there are any, flags, with latitude
        and longitude where known: the variables of the netCDF file."""
        import xarray

        cloud_mask = np.where(self.missing, np.int8(-1), self.cloud.astype(np.int8))
        variables: dict[str, Any] = {
            "cloud_probability": (("y", "x"), self.probability, {"long_name": "probability of cloud", "units": "1"}),
            "cloud_mask": (("y", "x"), cloud_mask, {"standard_name": "cloud_binary_mask", "flag_values": [0, 1],
                                                    "flag_meanings": "clear cloud", "_FillValue": -1})}
        if self.flags is not None:
            bits = [1 << bit for bit in range(len(self.flag_names))]
            variables["flags"] = (("y", "x"), self.flags, {"standard_name": "status_flag", "flag_masks": bits,
                                                           "flag_meanings": " ".join(self.flag_names)})
        origin = {"scene": self.scene, "view": self.view, "method": self.method, "model": self.model,
                  "threshold": self.threshold}
        return xarray.Dataset(variables, coordinates(self._core), origin)


class Model:
    """A trained network: a file of `train`, of the program, or of Keras.

    Settings are keys of the configuration; those that matter are device, precision, threads, threshold, tile_mode.
    Threads may share a model: their predictions take turns.
    """

    def __init__(self, path: Path, **settings: Any) -> None:
        self._core = _core.load_network(path, _settings.load(None, settings))

    def __repr__(self) -> str:
        return f"<cloudmask.Model {self._core.model}, threshold {self.threshold:g}>"

    @property
    def threshold(self) -> float:
        """Probability from which a pixel counts as cloud: the setting `threshold`, else the model's own."""
        return self._core.threshold

    def predict(self, scene: Scene) -> Mask:
        """The mask that the program's `infer` writes for this scene, to the bit."""
        return Mask(self._core.screen(scene._core))


def screen(scene: Scene, method: Literal["threshold", "bayesian"] = "threshold", *, tests: Path | None = None,
           tables: Path | None = None, **settings: Any) -> Mask:
    """The clouds of a scene without a network (docs/classical.md).

    "threshold": published tests, or those of the YAML file `tests`. "bayesian": the HDF5 file `tables`, which
    learn_tables() makes.
    """
    if method not in ("threshold", "bayesian"):
        raise _core.UsageError(f"method is {method!r}, it takes 'threshold' or 'bayesian'")
    if method == "bayesian" and (tables is None or tests is not None):
        raise _core.UsageError("method 'bayesian' takes tables=FILE, made by learn_tables(), and no tests")
    if method == "threshold" and tables is not None:
        raise _core.UsageError("tables go with method 'bayesian'")
    file = tables if method == "bayesian" else tests
    return Mask(_core.make_screener(method, file or "", _settings.load(None, settings)).screen(scene._core))


def learn_tables(tables: Path, scenes: Iterable[Path], *, tests: Path | None = None,
                 on_progress: Callable[[dict[str, Any]], object] | None = None, **settings: Any) -> None:
    """Learns Bayesian tables from scene files and folders, without a label, and writes them to `tables`."""
    _core.learn_tables(tables, tests or "", _settings.load(None, settings), list(scenes), on_progress)
