"""The types that editors and checkers see are those that are there."""

import os
import pathlib
import subprocess
import sys

import cloudmask

PACKAGE = pathlib.Path(cloudmask.__file__).parent
ROOT = pathlib.Path(__file__).resolve().parents[2]


def check(*arguments):
    installed = PACKAGE.parent.name == "site-packages"  # mypy finds it there, and refuses to be told
    path = {} if installed else {"MYPYPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-m", *map(str, arguments)], capture_output=True, text=True, timeout=300,
                          cwd=ROOT, env={**os.environ, **path})
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_is_typed_throughout(tmp_path):
    check("mypy", "--config-file", ROOT / "pyproject.toml", "--cache-dir", tmp_path, "-p", "cloudmask")


def test_the_stub_says_what_the_extension_has(tmp_path):
    # pybind11's classes have a metaclass, and a constructor that says that there is none.
    allowed = tmp_path / "allowed"
    allowed.write_text(r"cloudmask\._core\.(Config|DatasetOptions|Mask|Method|Scene)(\.__init__)?" + "\n")
    check("mypy.stubtest", "cloudmask._core", "--mypy-config-file", ROOT / "pyproject.toml", "--allowlist", allowed,
          "--ignore-disjoint-bases")


def test_the_examples_use_it_rightly(tmp_path):
    check("mypy", "--cache-dir", tmp_path, "--ignore-missing-imports", ROOT / "examples/satpy_mask.py")
