"""What the program's commands of the same names do, over folders of scenes."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Iterable
from typing import Any, Literal

from . import _core, _settings
from .scenes import View, checked_view

Path = str | os.PathLike[str]
OnProgress = Callable[[dict[str, Any]], object] | None


def train(config: _settings.Config = None, *, resume: bool = False, on_progress: OnProgress = None,
          **settings: Any) -> dict[str, Any]:
    """Trains the network on the scenes of `train_dir` and writes `model_file`, with a checkpoint beside it.

    `config` is a YAML file or a dict, `settings` are single keys and win over it; docs/configuration.md has all.
    `resume` goes on from the checkpoint. `on_progress` is called with a dict, in the calling thread: its "event" is
    "progress" (activity, epoch, done, total, items_per_s, loss) or "epoch" (the line of run.jsonl). What it raises ends
    the training; Ctrl-C ends it after the step under way with a checkpoint written, and raises KeyboardInterrupt.
    Unlike the program it writes no logs. Returns the record of the training, its "epochs" included.
    """
    return _core.train(_settings.load(config, settings), resume, on_progress)


def infer(config: _settings.Config = None, *, scenes: Iterable[Path] | None = None, on_progress: OnProgress = None,
          **settings: Any) -> list[dict[str, Any]]:
    """Masks of all scenes of `inference_dir`, or of the files and folders `scenes`, with `model_file` into
    `output_dir`, reading, computing and writing at the same time.

    Masks that are there and up to date are kept unless `overwrite`. A scene that fails is logged and the next one
    follows: look at "error" of what is returned, one dict a scene. Events are "progress" and "scene".
    """
    return _core.infer(_settings.load(config, settings), None if scenes is None else list(scenes), on_progress)


def evaluate(masks: Path, scenes: Path, *, against: Literal["bayes", "summary", "truth"] = "bayes",
             threshold: float | None = None, view: View = "nadir") -> dict[str, Any]:
    """Scores of a folder of masks against the labels, ESA's tests or the truth of their scenes: the object that
    `cloudmask evaluate --json` writes (docs/logs.md). `threshold`: instead of what each mask was made for.
    `view`: of scenes and masks.
    """
    if against not in ("bayes", "summary", "truth"):
        raise _core.UsageError(f"against is {against!r}, it takes 'bayes', 'summary' or 'truth'")
    return _core.evaluate(masks, scenes, against, threshold, checked_view(view))


def synth(folder: Path, scenes: int, *, seed: int = 1, night_fraction: float = 0.5, height_px: int = 1200,
          width_px: int = 1500, reflectance_500m: bool = False) -> list[pathlib.Path]:
    """Makes synthetic scenes whose clouds are known (docs/synthetic.md). The same seed gives the same files."""
    options = _core.DatasetOptions()
    options.scenes, options.seed, options.night_fraction = scenes, seed, night_fraction
    options.height_px, options.width_px, options.reflectance_500m = height_px, width_px, reflectance_500m
    return _core.synth(folder, options)
