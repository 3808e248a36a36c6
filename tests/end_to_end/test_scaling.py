"""`cloudmask report --scaling`: recorded runs with figures that are known, and a study of real trainings."""

import json
import math
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from conftest import PROGRAM, Program

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from recorded_study import PATCHES, TEST_PATCHES, record, record_study, step_s  # noqa: E402

AS_ROOT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


@pytest.fixture
def study(tmp_path):
    return record_study(tmp_path / "study")


@pytest.fixture
def cloudmask(tmp_path):
    return Program(tmp_path)


def test_efficiencies_and_parts_are_those_of_the_runs(cloudmask, study):
    text = cloudmask("report", "--scaling", "study", "--json", "scaling.json").stdout
    report = json.loads((cloudmask.folder / "scaling.json").read_text())
    (group,) = report["groups"]
    assert len(group["runs"]) == 12 and not report["left_out_runs"]
    strong, weak = group["series"]
    assert (strong["scaling"], strong["batch_size"]) == ("strong", 32)
    assert (weak["scaling"], weak["batch_per_rank"]) == ("weak", 4)
    for point in strong["points"]:
        ranks = point["ranks"]
        steps_s = PATCHES // 32 * step_s(ranks, 32)
        evaluate_s = math.ceil(TEST_PATCHES / 32) * 0.010 * 32 / ranks
        assert point["runs"] == 2
        assert point["epoch_s"]["value"] == pytest.approx(steps_s + evaluate_s)
        assert point["evaluate_s"] == pytest.approx(evaluate_s)
        assert point["all_reduce_s"] == pytest.approx(0 if ranks == 1 else steps_s * 0.02 / 1.02)
        assert point["efficiency_to_accuracy"]["value"] == pytest.approx(420 / ranks / (400 / ranks + 20))
    first = strong["points"][0]["epoch_s"]["value"]
    assert strong["points"][2]["efficiency"]["value"] == pytest.approx(first / 4 / strong["points"][2]["epoch_s"]["value"])
    for word in ("strong scaling", "weak scaling", "left out", "forecast", "assumptions", "full bisection"):
        assert word in text
    assert text.splitlines()[-1] == "study/scaling.html"
    page = (study / "scaling.html").read_text()
    assert page.count("<svg") == 6 and "<link" not in page and 'src="http' not in page


def test_the_model_finds_the_terms_again_and_predicts_ranks_left_out(cloudmask, study):
    (group,) = json.loads(cloudmask("report", "--scaling", "study", "--json", "-").stdout)["groups"]
    forecast = group["forecast"]
    model = forecast["model"]
    assert model["training"]["per_patch_s"] == pytest.approx(0.030, rel=1e-6)
    assert model["training"]["contention"] == pytest.approx(0.05, rel=1e-4)
    assert model["training"]["fixed_s"] == pytest.approx(0.020, rel=1e-4)
    assert model["spread"] == pytest.approx(0.01)
    assert model["inside_s_per_byte"] == pytest.approx(1 / 4e9, rel=1e-6)
    assert model["inside_latency_s"] == pytest.approx(4e-6, rel=1e-6)
    assert {check["ranks"] for check in forecast["left_out"]} == {1, 2, 4}
    assert all(abs(check["error"]) < 0.03 for check in forecast["left_out"])
    assert 0 < forecast["error_per_doubling"] < 0.03
    assert [point["ranks"] for point in forecast["strong"]] == [2 ** i for i in range(11)]
    widths = [(point["efficiency"]["high"] - point["efficiency"]["low"]) for point in forecast["strong"]]
    assert widths[-1] > widths[1] > 0
    assert all(point["efficiency"]["low"] <= point["efficiency"]["value"] for point in forecast["strong"])


def test_a_centre_describes_its_own_machine(cloudmask, study):
    text = (ROOT / "config/cluster.yaml").read_text()
    for key in ("training_ms_per_patch", "evaluation_ms_per_patch", "fixed_ms"):
        text = "".join(line for line in text.splitlines(True) if not line.startswith(key))
    (cloudmask.folder / "ours.yaml").write_text(text.replace("max_ranks: 1024", "max_ranks: 16\nwork_factor: 1")
                                                .replace("ranks_per_node: 8", "ranks_per_node: 4"))
    output = cloudmask("report", "--scaling", "study", "--cluster", "ours.yaml", "--html", "ours.html", "--json", "-")
    forecast = json.loads(output.stdout)["groups"][0]["forecast"]
    assert [(point["nodes"], point["ranks"]) for point in forecast["weak"]] == [(1, 1), (1, 2), (1, 4), (2, 8), (4, 16)]
    assert forecast["weak"][2]["work_s"] == pytest.approx(0.020 + 0.030 * 8 * 1.15, rel=1e-4)
    assert (cloudmask.folder / "ours.html").exists() and not (study / "scaling.html").exists()


def test_runs_that_do_not_compare_are_grouped_or_left_out_by_name(cloudmask, study):
    record(study, "unfinished", 2, 32, end=False)
    record(study, "crowded", 4, 32, cores=2)
    record(study, "other", 2, 32, precision="bf16")
    with open(study / "strong-1-1/run.jsonl", "a") as file:
        file.write('{"event": "epo')
    done = cloudmask("report", "--scaling", "study", "--json", "-")
    report = json.loads(done.stdout)
    assert [len(group["runs"]) for group in report["groups"]] == [1, 12]
    assert report["groups"][0]["series"] == []
    reasons = {run["name"]: run["reason"] for run in report["left_out_runs"]}
    assert "not ended" in reasons["unfinished"]
    assert "4 ranks of 1 threads share 2 cores" in reasons["crowded"]
    assert "study/strong-1-1/run.jsonl: line 6 is no JSON object" in done.stderr
    assert "study/unfinished is left out" in done.stderr


def test_faults(cloudmask, study):
    assert "RUN_DIR" in cloudmask.fault("report", code=2)
    assert "RUN_DIR" in cloudmask.fault("report", "x", "--scaling", "study", code=2)
    assert "--scaling" in cloudmask.fault("report", "x", "--html", "x.html", code=2)
    assert "no such file" in cloudmask.fault("report", "--scaling", "none").lower()
    (cloudmask.folder / "empty").mkdir()
    assert "holds no run" in cloudmask.fault("report", "--scaling", "empty")
    (cloudmask.folder / "bad.yaml").write_text("name: x\nsources: []\nranks_per_node: many\n")
    assert "bad.yaml:3" in cloudmask.fault("report", "--scaling", "study", "--cluster", "bad.yaml", code=2)


@pytest.mark.skipif(shutil.which("mpirun") is None, reason="needs Open MPI")
def test_the_whole_study_of_one_and_two_ranks(tmp_path):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two cores")
    done = subprocess.run([sys.executable, ROOT / "bench/scaling.py", "--program", PROGRAM, "--folder", tmp_path,
                           "--ranks", "1", "2", "--repeats", "1", "--scenes", "3", "--epochs", "2", "--set",
                           "PATCH_SIZE=64", "CROP_SIZE=16", "base_filters=4"],
                          capture_output=True, text=True, timeout=300, env=AS_ROOT)
    assert done.returncode == 0, done.stderr
    (group,) = json.loads((tmp_path / "scaling.json").read_text())["groups"]
    strong = [series for series in group["series"] if series["scaling"] == "strong"]
    weak = [series for series in group["series"] if series["scaling"] == "weak"]
    assert [[point["ranks"] for point in series["points"]] for series in strong + weak] == [[1, 2], [1, 2]]
    for point in strong[0]["points"] + weak[0]["points"]:
        assert point["epoch_s"]["value"] > 0 and point["efficiency"]["value"] > 0
        assert point["time_to_accuracy_s"]["value"] is None
    model = group["forecast"]["model"]
    assert model["gradient_bytes"] > 1000 and model["gradient_messages"] == 1
    assert model["spread"] >= 0 and model["inside_s_per_byte"] > 0
    assert {check["ranks"] for check in group["forecast"]["left_out"]} == {1, 2}
    run = [json.loads(line) for line in (tmp_path / "runs/ranks-2-batch-16-1/run.jsonl").read_text().splitlines()]
    assert all(event["compute_spread_s"] >= 0 for event in run if event["event"] == "epoch")
    assert "strong scaling" in done.stdout
