"""examples/ runs as it stands."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import xarray

import cloudmask

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def test_the_notebook_runs_from_top_to_bottom(tmp_path):
    cells = json.loads((EXAMPLES / "first_mask.ipynb").read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert all(not cell.get("outputs") for cell in cells)
    done = subprocess.run([sys.executable, "-c", "\n\n".join(code)], cwd=tmp_path, capture_output=True, text=True,
                          timeout=600, env={**os.environ, "MPLBACKEND": "agg"})
    assert done.returncode == 0, done.stderr


def test_a_mask_goes_beside_a_satpy_scene(folder, tmp_path):
    pytest.importorskip("satpy")
    sys.path.insert(0, str(EXAMPLES.parent / "tests/products"))
    from make_sen3 import make_product

    product = make_product(tmp_path)
    model = folder / "model.h5"
    subprocess.run([sys.executable, EXAMPLES / "satpy_mask.py", product, tmp_path / "clear.nc", model], check=True,
                   timeout=300)
    scene = cloudmask.open_scene(product)
    mask = cloudmask.Model(model).predict(scene)
    clear = ~mask.cloud & ~mask.missing
    assert clear.any() and mask.cloud.any()
    with xarray.open_dataset(tmp_path / "clear.nc") as written:
        assert written.S8.shape == scene.shape
        np.testing.assert_allclose(written.S8.values[clear], scene.brightness_temperature_k[..., 1][clear], atol=0.01)
        assert np.isnan(written.S8.values[~clear]).all()
