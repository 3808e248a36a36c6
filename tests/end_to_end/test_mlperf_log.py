"""The MLPerf log passes the package's own parser and this benchmark's rules; damaged logs do not."""

import pathlib
import subprocess
import sys

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/check_mlperf_log.py"


def judge(log):
    done = subprocess.run([sys.executable, TOOL, log], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def log(finished_run):
    program = finished_run
    program("run", "--config", program.config("mlperf.yaml", epochs=1, output_dir="ml", model_file="ml/model.h5",
                                              mlperf_logfile="ml/mlperf.log", organisation="O", division="closed",
                                              status="available", platform="p"))
    return (program.folder / "ml/mlperf.log").read_text()


def test_log_of_a_run_is_accepted(log, tmp_path):
    (tmp_path / "log").write_text(log)
    code, text = judge(tmp_path / "log")
    assert code == 0, text


def test_the_last_run_of_the_file_is_judged(log, tmp_path):
    failed = log.replace('"status":"success"', '"status":"aborted"')
    (tmp_path / "log").write_text(failed + log)
    assert judge(tmp_path / "log")[0] == 0
    (tmp_path / "log").write_text(log + failed)
    code, text = judge(tmp_path / "log")
    assert code == 1 and "succeeded" in text, text


@pytest.mark.parametrize("damage,fault", [
    (lambda log: log.replace('"key": "seed"', '"key": "sead"'), "seed: 0 times"),
    (lambda log: "".join(line for line in log.splitlines(True) if "epoch_stop" not in line), "closes nothing"),
    (lambda log: log.replace('"key": "number_of_ranks", "value": 1', '"key": "number_of_ranks", "value": "one"'), "wanted int"),
    (lambda log: log.rsplit("\n", 2)[0] + "\n", "run_stop"),
    (lambda log: log.replace('"status":"success"', '"status":"aborted"'), "succeeded"),
    (lambda log: log.replace('"key": "number_of_ranks", "value": 1', '"key": "number_of_ranks", "value": true'), "wanted int"),
    (lambda log: log.replace('"value": "closed"', '"value": 7'), "wanted str"),
])
def test_damaged_log_is_refused(log, tmp_path, damage, fault):
    damaged = damage(log)
    assert damaged != log
    (tmp_path / "log").write_text(damaged)
    code, text = judge(tmp_path / "log")
    assert code == 1 and fault in text, text
