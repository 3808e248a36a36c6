"""Training, inference and evaluation over folders, as the program does them."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import cloudmask
from conftest import PROGRAM, SMALL, run_program


def test_training_gives_the_programs_model(folder, tmp_path):
    events = []
    record = cloudmask.train(folder / "run.yaml", model_file=tmp_path / "model.h5", on_progress=events.append)
    assert (tmp_path / "model.h5").read_bytes() == (folder / "model.h5").read_bytes()
    epochs = [event for event in events if event["event"] == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    assert [epoch["train_loss"] for epoch in epochs] == [epoch["train_loss"] for epoch in record["epochs"]]
    progress = [event for event in events if event["event"] == "progress"]
    assert {"training"} <= {event["activity"] for event in progress}
    assert not (tmp_path / "run.jsonl").exists() and sorted(p.name for p in tmp_path.iterdir()) == [
        "model.h5", "model.h5.checkpoint"]


def test_a_dict_is_a_configuration_and_keywords_win(folder, tmp_path):
    config = {**SMALL, "train_dir": folder / "train", "model_file": tmp_path / "model.h5", "epochs": 7}
    assert len(cloudmask.train(config, epochs=1)["epochs"]) == 1
    assert len(cloudmask.train(config, epochs=2, resume=True)["epochs"]) == 2


def test_inference_and_scores_are_the_programs(folder, tmp_path):
    run_program("infer", "--model", folder / "model.h5", "--output", tmp_path / "theirs", folder / "test")
    events = []
    scenes = cloudmask.infer(model_file=folder / "model.h5", inference_dir=folder / "test",
                             output_dir=tmp_path / "ours", on_progress=events.append)
    assert [scene["error"] for scene in scenes] == ["", "", ""]
    assert [event["name"] for event in events if event["event"] == "scene"] == [scene["name"] for scene in scenes]
    for theirs in (tmp_path / "theirs").glob("*.h5"):
        assert (tmp_path / "ours" / theirs.name).read_bytes() == theirs.read_bytes()
    again = cloudmask.infer(model_file=folder / "model.h5", scenes=[folder / "test"], output_dir=tmp_path / "ours")
    assert all(scene["skipped"] for scene in again)

    told = subprocess.run([PROGRAM, "evaluate", "--masks", tmp_path / "theirs", "--scenes", folder / "test", "--against",
                           "truth", "--json", "-"], capture_output=True, check=True).stdout
    assert cloudmask.evaluate(tmp_path / "ours", folder / "test", against="truth") == json.loads(told)


def test_a_bad_scene_is_told_of_and_the_next_one_follows(folder, tmp_path, caplog):
    (tmp_path / "scenes").mkdir()
    for file in (folder / "test").glob("*.hdf"):
        (tmp_path / "scenes" / file.name).write_bytes(file.read_bytes())
    bad = sorted((tmp_path / "scenes").iterdir())[0]
    bad.write_bytes(bad.read_bytes()[:5000])
    scenes = cloudmask.infer(model_file=folder / "model.h5", inference_dir=tmp_path / "scenes",
                             output_dir=tmp_path / "masks")
    assert [bool(scene["error"]) for scene in sorted(scenes, key=lambda s: s["name"])] == [True, False, False]
    errors = [entry for entry in caplog.records if entry.levelname == "ERROR"]
    assert len(errors) == 1 and bad.name in errors[0].message and errors[0].name == "cloudmask"


@pytest.mark.parametrize("call, words", [
    (lambda path: cloudmask.train(epoch=3), "setting: unknown key 'epoch'; the nearest known key is 'epochs'"),
    (lambda path: cloudmask.train({"epochs": 0}), "setting epochs: epochs is '0', it takes"),
    (lambda path: cloudmask.train({"epochs": [1]}), "setting epochs: epochs is '[1]', it takes"),
    (lambda path: cloudmask.train(), "train_dir is not set"),
    (lambda path: cloudmask.train(path / "none.yaml"), "none.yaml"),
    (lambda path: cloudmask.train(gpu=2), "Python works in one"),
    (lambda path: cloudmask.infer(model_file="model.h5"), "inference_dir is not set"),
    (lambda path: cloudmask.evaluate(path, path, against="labels"), "it takes 'bayes', 'summary' or 'truth'"),
    (lambda path: cloudmask.synth(path, 0), "number of scenes is 0"),
])
def test_wrong_usage_is_said_in_the_programs_words(tmp_path, call, words):
    with pytest.raises(cloudmask.UsageError) as fault:
        call(tmp_path)
    assert words in str(fault.value)


def test_a_model_that_cannot_be_written_is_found_before_training(folder):
    with pytest.raises(cloudmask.Error, match="model_file: "):
        cloudmask.train(SMALL, train_dir=folder / "train", model_file="/proc/model.h5")


def test_what_a_callback_raises_ends_the_training(folder, tmp_path):
    class Enough(Exception):
        pass

    def stop(event):
        if event["event"] == "epoch":
            raise Enough

    settings = {**SMALL, "train_dir": folder / "train", "model_file": tmp_path / "model.h5"}
    with pytest.raises(Enough):
        cloudmask.train(settings, epochs=100000, on_progress=stop)
    assert len(cloudmask.train(settings, epochs=1)["epochs"]) == 1  # nothing is left of the interruption


def test_ctrl_c_in_a_callback_saves_as_well(folder, tmp_path):
    def stop(event):
        if event["event"] == "epoch":
            raise KeyboardInterrupt

    settings = {**SMALL, "train_dir": folder / "train", "model_file": tmp_path / "model.h5", "checkpoint_every": 1000}
    with pytest.raises(KeyboardInterrupt):
        cloudmask.train(settings, epochs=100000, on_progress=stop)
    assert len(cloudmask.train(settings, epochs=3, resume=True)["epochs"]) == 3


def test_what_callbacks_raise_after_ctrl_c_costs_neither_it_nor_the_checkpoint(folder, tmp_path):
    heard = []

    def stop(event):
        heard.append(event)
        raise KeyboardInterrupt if len(heard) == 1 else ValueError("too late")

    settings = {**SMALL, "train_dir": folder / "train", "model_file": tmp_path / "model.h5", "checkpoint_every": 1000}
    with pytest.raises(KeyboardInterrupt):
        cloudmask.train(settings, epochs=100000, on_progress=stop)
    assert cloudmask.train(settings, epochs=1, resume=True)["epochs"]


def test_a_training_within_a_training_is_refused(folder, tmp_path):
    settings = {**SMALL, "train_dir": folder / "train", "model_file": tmp_path / "model.h5"}
    with pytest.raises(cloudmask.UsageError, match="a training is under way"):
        cloudmask.train(settings, on_progress=lambda event: cloudmask.train(settings))


INTERRUPTED = """
import sys, cloudmask
def tell(event):
    if event["event"] == "epoch":
        print("epoch", flush=True)
try:
    cloudmask.train(sys.argv[1], epochs=100000, checkpoint_every=1000, model_file=sys.argv[2], on_progress=tell)
except KeyboardInterrupt:
    record = cloudmask.train(sys.argv[1], epochs=1, model_file=sys.argv[2] + "2")
    print("stopped, and", len(record["epochs"]), "more")
"""


def test_ctrl_c_stops_training_saves_and_leaves_python_going(folder, tmp_path):
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED, folder / "run.yaml", tmp_path / "model.h5"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout.readline() == "epoch\n"
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    printed, errors = process.communicate(timeout=120)
    assert time.monotonic() - began < 60
    assert process.returncode == 0 and printed.splitlines()[-1] == "stopped, and 1 more", errors
    assert (tmp_path / "model.h5.checkpoint").exists()
    assert "resume" in errors  # the warning that logging shows by default


def test_records_have_numbers_only(folder, tmp_path):
    record = cloudmask.train(folder / "run.yaml", model_file=tmp_path / "model.h5", epochs=1)
    assert np.isfinite(record["epochs"][0]["train_loss"]) and record["stopped_because"] == "epochs"
