"""Settings from Python in the words of the configuration file, so that the program's code reads and checks them."""

import os
from collections.abc import Mapping
from typing import Any

from . import _core

Config = str | os.PathLike[str] | Mapping[str, Any] | None

# It serves all tensors of the process, also those of a user's own work with torch.
_LEFT_ALONE = ["caching_allocator=false"]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    return str(value)


def load(config: Config, settings: Mapping[str, Any]) -> _core.Config:
    """`config` is a YAML file or a dict of keys; `settings` win over it. Raises UsageError as the program would."""
    file, given = (None, config or {}) if config is None or isinstance(config, Mapping) else (config, {})
    merged = {**given, **settings}
    return _core.load_config(file, _LEFT_ALONE + [f"{key}={_text(value)}" for key, value in merged.items()])
