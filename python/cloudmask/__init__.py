"""Finds the clouds in Sentinel-3 SLSTR scenes.

    import cloudmask
    scene = cloudmask.open_scene("S3A_SL_1_RBT____...SEN3")
    mask = cloudmask.screen(scene)                         # threshold tests; or Model("model.h5").predict(scene)
    mask.to_xarray()

The work is libcloudmask's, the library of the program `cloudmask`; docs/python.md says more. Messages go to the logger
`cloudmask`. Faults are `Error` and, where the call or a setting is wrong, `UsageError`, which is a ValueError too.
"""

from . import _libtorch

_libtorch.load()

from ._core import Error, Interrupted, UsageError, __version__  # noqa: E402
from .masks import Mask, Model, learn_tables, screen  # noqa: E402
from .runs import evaluate, infer, synth, train  # noqa: E402
from .scenes import Scene, open_scene  # noqa: E402

__all__ = ["Error", "Interrupted", "Mask", "Model", "Scene", "UsageError", "__version__", "evaluate", "infer",
           "learn_tables", "open_scene", "screen", "synth", "train"]
