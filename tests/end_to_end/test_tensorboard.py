"""The event files of training, read by TensorBoard's own code."""

import json
import signal

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.plugins.hparams.metadata import SESSION_END_INFO_TAG, SESSION_START_INFO_TAG

from conftest import start, wait_for

SCALARS = {"loss/train": "train_loss", "loss/test": "test_loss", "accuracy/train": "train_accuracy",
           "accuracy/test": "test_accuracy", "learning_rate": "learning_rate", "time_s/epoch": "time_s",
           "time_s/wait_data": "wait_data_s", "time_s/compute": "compute_s", "time_s/all_reduce": "all_reduce_s",
           "time_s/evaluate": "evaluate_s"}


def read(program, out="out"):
    events = EventAccumulator(str(program.folder / out / "tensorboard"), size_guidance={"images": 0, "scalars": 0})
    events.Reload()
    return events


def logged(program, event, out="out"):
    lines = (program.folder / out / "run.jsonl").read_text().splitlines()
    return [entry for entry in map(json.loads, lines) if entry["event"] == event]


def steps(events):
    return [scalar.step for scalar in events.Scalars("loss/train")]


def hparams(events, tag):
    content = events.SummaryMetadata(tag).plugin_data.content
    return plugin_data_pb2.HParamsPluginData.FromString(content)


def test_scalars_are_those_of_the_run_log(finished_run):
    events = read(finished_run)
    epochs = logged(finished_run, "epoch")
    assert len(epochs) == 2
    for tag, field in SCALARS.items():
        scalars = events.Scalars(tag)
        assert [scalar.step for scalar in scalars] == [1, 2]
        np.testing.assert_allclose([scalar.value for scalar in scalars], [epoch[field] for epoch in epochs], rtol=1e-6)
    scores = logged(finished_run, "evaluation")[-1]
    for reference in ("bayes", "truth"):
        for name in ("accuracy", "true_skill"):
            scalar, = events.Scalars(f"scenes/{name}_against_{reference}")
            assert scalar.step == 2
            assert scalar.value == pytest.approx(scores[f"against_{reference}"]["all"][name], rel=1e-6)


def test_pictures_show_image_label_and_mask(finished_run):
    events = read(finished_run)
    names = sorted(scene.name for scene in (finished_run.folder / "test").glob("*.hdf"))
    assert sorted(events.Tags()["images"]) == [f"masks/{name}" for name in names]
    for name in names:
        picture, = events.Images(f"masks/{name}")
        assert (picture.step, picture.height, picture.width) == (2, 150, 3 * 170 + 2 * 4)
        assert picture.encoded_image_string.startswith(b"\x89PNG")


def test_parameters_are_the_configuration(finished_run):
    events = read(finished_run)
    session = hparams(events, SESSION_START_INFO_TAG).session_start_info
    assert session.hparams["epochs"].number_value == 2
    assert session.hparams["base_filters"].number_value == 4
    assert session.hparams["normalisation"].string_value == "background"
    assert session.hparams["augment"].bool_value is True
    assert set(session.hparams) == set(logged(finished_run, "run_start")[-1]["config"])
    end = hparams(events, SESSION_END_INFO_TAG).session_end_info
    assert end.status == 1 and end.end_time_secs >= session.start_time_secs  # STATUS_SUCCESS


def test_a_resumed_training_goes_on_with_its_steps(program):
    program("train", "--config", program.config(epochs=2))
    program("train", "--config", program.config(epochs=3), "--resume")
    assert len(list((program.folder / "out/tensorboard").iterdir())) == 2
    assert steps(read(program)) == [1, 2, 3]


def test_a_training_from_scratch_takes_the_place_of_the_one_before(program):
    program("train", "--config", program.config(epochs=3))
    program("train", "--config", program.config(epochs=1, learning_rate=0.001))
    events = read(program)
    assert steps(events) == [1]
    assert events.Scalars("learning_rate")[0].value == pytest.approx(0.001)


def test_a_killed_training_leaves_a_readable_file(program):
    process = start(program, "train", "--config", program.config(epochs=1000))
    log = program.folder / "out/run.jsonl"
    wait_for(lambda: log.exists() and log.read_text().count('"epoch":') > 2, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = steps(read(program))
    assert done and done == list(range(1, len(done) + 1))

    program("train", "--config", program.config(epochs=done[-1] + 2), "--resume")
    assert steps(read(program)) == list(range(1, done[-1] + 3))


def test_a_torn_last_record_hides_nothing_before_it(finished_run, tmp_path):
    whole, = (finished_run.folder / "out/tensorboard").iterdir()
    for cut in (1, 5, 40):
        torn = tmp_path / f"events.out.tfevents.{cut}"
        torn.write_bytes(whole.read_bytes()[:-cut])
        events = EventAccumulator(str(torn))
        events.Reload()
        assert steps(events) == [1, 2]


def test_inference_alone_writes_no_events(finished_run):
    finished_run("infer", "--model", "out/model.h5", "--output", "masks_only", "test")
    assert not (finished_run.folder / "masks_only/tensorboard").exists()
