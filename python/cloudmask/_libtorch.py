"""Finds LibTorch for the extension module."""

import ctypes
import importlib.metadata
import importlib.util
import pathlib

from ._build import TORCH_VERSION


def load() -> None:
    """Loads the libraries of the package that `import torch` would take, without importing it: a process never holds
    two LibTorches, whatever order modules are imported in. Without such a package the linker looks for one.
    """
    package = importlib.util.find_spec("torch")
    if package is None or not package.submodule_search_locations:
        return
    _require_same_version()
    library = pathlib.Path(package.submodule_search_locations[0]) / "lib" / "libtorch.so"
    if library.exists():
        ctypes.CDLL(str(library))


def _require_same_version() -> None:
    """LibTorch's C++ interface changes with each minor version."""
    try:
        found = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return
    if found.split(".")[:2] != TORCH_VERSION.split(".")[:2]:
        raise ImportError(f"cloudmask was built with torch {TORCH_VERSION}, but torch {found} is installed; install that "
                          "torch, or build cloudmask with this one: pip install --no-build-isolation <its folder>")
