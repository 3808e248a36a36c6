"""bench/methods.py and bench/variations.py with the real program, tiny scenes and a tiny network."""

import json
import pathlib
import subprocess
import sys

from conftest import PROGRAM, SMALL

BENCH = pathlib.Path(__file__).parents[2] / "bench"
TINY = ["--scenes", "4", "--unseen", "2", "--seed", "3", "--height", "160", "--width", "180"]
SETTINGS = [f"{key}={value}" for key, value in {**SMALL, "epochs": 1}.items()]


def methods(folder, *words, script="methods.py"):
    return subprocess.run([sys.executable, BENCH / script, "--program", PROGRAM, "--folder", folder, *TINY, *words],
                          capture_output=True, text=True, timeout=300, check=False)


def test_every_training_is_timed_and_compared(tmp_path):
    done = methods(tmp_path, "--methods", "network", "bayesian", "--seeds", "1", "2", "--set", *SETTINGS)
    assert done.returncode == 0, done.stderr
    times = json.loads((tmp_path / "methods.json").read_text())["times"]
    assert list(times) == ["network-1", "network-2", "bayesian"]
    assert all(time["train_s"] > 0 and time["mask_s"] > 0 for time in times.values())
    compared = json.loads((tmp_path / "compared.json").read_text())
    assert list(compared["parts"]["all"]["methods"]) == ["labels", "network-1", "network-2", "bayesian"]
    assert (tmp_path / "masks-bayesian/tables.h5").exists(), "learnt from the training scenes"
    assert json.loads((tmp_path / "sst-network-2.json").read_text())["all"]["masks"]
    assert (tmp_path / "compared.html").exists()
    rows = done.stdout.split("against truth\n")[-1]
    assert "labels" in rows and "network-2" in rows and "perfect mask" in rows


def test_a_method_that_fails_is_named_and_fails_the_call(tmp_path):
    done = methods(tmp_path, "--methods", "network", "--set", "batch_size=0")
    assert done.returncode == 1
    assert "not compared: network" in done.stderr and "exit code 2" in done.stderr


def test_unknown_methods_and_other_numbers_of_scenes_are_refused(tmp_path):
    assert "invalid choice" in methods(tmp_path, "--methods", "magic").stderr
    (tmp_path / "train-3").mkdir()
    done = methods(tmp_path, "--methods", "network")
    assert done.returncode == 1 and "holds 0 scenes, wanted 4" in done.stderr


def test_what_methods_lose_on_other_scenes_is_told_beside_the_usual_ones(tmp_path):
    words = ["--methods", "threshold", "bayesian", "network", "--set", *SETTINGS]
    assert methods(tmp_path, *words).returncode == 0
    done = methods(tmp_path, *words, "--label-errors", "0.3", script="variations.py")
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "variations.json").read_text())
    assert list(results) == ["as usual", "noise x 4", "particles x 0.5", "particles x 2", "labels wrong on 0.3"]
    compared = json.loads((tmp_path / "compared.json").read_text())["parts"]["all"]["methods"]
    for method in ("labels", "threshold", "bayesian", "network"):
        assert results["as usual"][method]["accuracy"] == compared[method]["accuracy"]["value"], "the same masks"
    assert results["noise x 4"]["threshold"] != results["as usual"]["threshold"]
    assert list(results["labels wrong on 0.3"]) == ["network"]
    assert "particles x 2" in done.stdout.splitlines()[-2]
