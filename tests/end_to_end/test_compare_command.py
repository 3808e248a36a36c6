"""`cloudmask compare` with masks of a real run."""

import json

import h5py
import numpy as np
import pytest


@pytest.fixture(scope="module")
def masks(finished_run):
    """Beside the network's masks those of a method that calls everything cloud."""
    folder = finished_run.folder / "cloudy"
    folder.mkdir()
    for scene in (finished_run.folder / "test").glob("*.hdf"):
        with h5py.File(finished_run.folder / "out" / f"{scene.name}.h5") as network:
            shape = network["mask"].shape
        with h5py.File(folder / f"{scene.name}.h5", "w") as file:
            file["mask"] = np.ones(shape, "float32")
    return finished_run


def test_scores_are_those_of_evaluate_and_the_page_is_one_file(masks):
    masks("evaluate", "--masks", "out", "--scenes", "test", "--against", "truth", "--json", "scores.json")
    table = masks("compare", "--scenes", "test", "network=out", "cloudy=cloudy", "--json", "compared.json", "--html",
                  "compared.html").stdout
    alone = json.loads((masks.folder / "scores.json").read_text())
    compared = json.loads((masks.folder / "compared.json").read_text())
    assert [method["name"] for method in compared["methods"]] == ["labels", "network", "cloudy"]
    for part in ("all", "day", "night"):
        for score in ("accuracy", "hit_rate", "false_alarm_rate", "true_skill", "f1", "iou"):
            found = compared["parts"][part]["methods"]["network"][score]
            assert abs(found["value"] - alone[part][score]) < 1e-9
            assert found["low"] is None or found["low"] <= found["value"] <= found["high"]
        assert compared["parts"][part]["methods"]["cloudy"]["true_skill"]["value"] == 0
    assert abs(compared["parts"]["all"]["methods"]["labels"]["accuracy"]["value"]
               - alone["labels_against_truth"]["all"]["accuracy"]) < 1e-9
    assert "network - labels" in table and "cirrus" in table
    page = (masks.folder / "compared.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and "<link" not in page and 'src="http' not in page
    assert page.count("data:image/png;base64,") == 3 * (4 + 2 * 3)


def test_json_alone_on_standard_output(masks):
    output = masks("compare", "--scenes", "test", "--against", "bayes", "network=out", "--json", "-").stdout
    assert json.loads(output)["against"] == "bayes"


def test_faults_name_what_is_missing(masks):
    (masks.folder / "none").mkdir(exist_ok=True)
    assert "no scene" in masks.fault("compare", "--scenes", "none", "network=out")
    fault = masks.fault("compare", "--scenes", "test", "network=out", "other=none")
    assert "method other" in fault and "3 of 3" in fault
    assert "NAME=MASKS" in masks.fault("compare", "--scenes", "test", "out", code=2)
    assert "1000" in masks.fault("compare", "--scenes", "test", "network=out", "--gallery", "-1", code=2)


def test_a_mask_of_another_size_is_named(masks):
    folder = masks.folder / "small"
    folder.mkdir()
    for scene in (masks.folder / "test").glob("*.hdf"):
        with h5py.File(folder / f"{scene.name}.h5", "w") as file:
            file["mask"] = np.zeros((1, 10, 20, 1), "float32")
    fault = masks.fault("compare", "--scenes", "test", "small=small")
    assert "10 x 20" in fault and "150 x 170" in fault and ".hdf.h5" in fault


def test_help_has_examples_and_shells_know_the_command(masks):
    assert "cloudmask compare --scenes" in masks("compare", "--help").stdout
    assert "compare" in masks("completion", "bash").stdout
