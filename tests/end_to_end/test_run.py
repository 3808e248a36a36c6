"""What a whole run leaves behind."""

import json
import re

import h5py
import numpy as np


def events(program):
    return [json.loads(line) for line in (program.folder / "out/run.jsonl").read_text().splitlines()]


def test_masks_are_probabilities_of_every_pixel(finished_run):
    masks = sorted((finished_run.folder / "out").glob("*.hdf.h5"))
    assert len(masks) == 3
    for mask in masks:
        with h5py.File(mask) as file:
            values = file["mask"][...]
            assert values.shape == (1, 150, 170, 1) and values.dtype == np.float32
            assert "1 is cloud" in file["mask"].attrs["description"]
            assert file["mask"].attrs["scene"] + ".h5" == mask.name
        assert np.nanmin(values) >= 0 and np.nanmax(values) <= 1


def test_missing_pixels_are_missing_in_the_mask(finished_run):
    for scene in (finished_run.folder / "test").glob("*.hdf"):
        with h5py.File(scene) as file, h5py.File(finished_run.folder / "out" / f"{scene.name}.h5") as mask:
            missing = np.isnan(file["bts"][..., 1]) | np.isnan(file["bts"][..., 2])
            assert np.array_equal(np.isnan(mask["mask"][0, ..., 0]), missing)


def test_epochs_have_the_fields_of_the_contract(finished_run):
    epochs = [event for event in events(finished_run) if event["event"] == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    for epoch in epochs:
        assert {"train_loss", "train_accuracy", "test_loss", "test_accuracy", "time_s", "wait_data_s", "compute_s",
                "all_reduce_s", "evaluate_s"} <= epoch.keys()
        parts = sum(epoch[part] for part in ("wait_data_s", "compute_s", "all_reduce_s", "evaluate_s"))
        assert 0 < parts <= epoch["time_s"] * 1.01


def test_reference_log_has_its_two_lines(finished_run):
    training, inference = (finished_run.folder / "out/cloudMask_Log").read_text().splitlines()
    assert re.fullmatch(r"CloudMask training, samples = 5, epochs=2, bs=4, nodes=1, gpus=\d+, time_per_epoch=\d+\.\d\d",
                        training)
    assert re.fullmatch(r"CloudMask inference, inferences=3, bs=4, nodes=1, gpus=\d+, time_per_inference=\d+\.\d\d",
                        inference)


def test_training_alone_does_not_warn_of_missing_scores(program):
    assert "warning" not in program("train", "--config", program.config()).stderr


def test_report_is_one_self_contained_file(finished_run):
    page = (finished_run.folder / "out/report.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "<script src" not in page and "<link" not in page and 'src="http' not in page
    assert page.count("data:image/png;base64,") >= 3


def test_evaluation_equals_numpy(finished_run):
    finished_run("evaluate", "--masks", "out", "--scenes", "test", "--against", "truth", "--json", "scores.json")
    scores = json.loads((finished_run.folder / "scores.json").read_text())
    hits = known = 0
    for scene in (finished_run.folder / "test").glob("*.hdf"):
        with h5py.File(scene) as file, h5py.File(finished_run.folder / "out" / f"{scene.name}.h5") as mask:
            probability = mask["mask"][0, ..., 0]
            valid = ~np.isnan(probability)
            hits += ((probability >= 0.5) == (file["truth"][...] > 0))[valid].sum()
            known += valid.sum()
    assert scores["all"]["pixels"] == known
    assert abs(scores["all"]["accuracy"] - hits / known) < 1e-9
    assert len(scores["scenes"]) == 3


def test_threshold_of_the_training_goes_with_the_model(program):
    program("train", "--config", program.config(epochs=1, threshold=0.3))
    scene = next((program.folder / "test").glob("*.hdf"))
    for folder, settings, wanted in (("model", [], 0.3), ("set", ["--set", "threshold=0.6"], 0.6)):
        program("infer", "--model", "out/model.h5", "--output", folder, scene, *settings)
        with h5py.File(program.folder / folder / f"{scene.name}.h5") as mask:
            assert mask["mask"].attrs["threshold"] == wanted
    program("evaluate", "--masks", "model", "--scenes", scene, "--json", "scores.json")
    assert json.loads((program.folder / "scores.json").read_text())["scenes"][0]["threshold"] == 0.3


def test_second_inference_has_nothing_to_do(finished_run):
    before = {mask: mask.stat().st_mtime_ns for mask in (finished_run.folder / "out").glob("*.hdf.h5")}
    finished_run("infer", "--config", "run.yaml")
    assert before == {mask: mask.stat().st_mtime_ns for mask in (finished_run.folder / "out").glob("*.hdf.h5")}


def test_every_kind_of_kernels_makes_the_same_mask(finished_run):
    masks = {}
    for kernels in ("auto", "avx2", "plain"):
        out = finished_run.folder / f"masks-{kernels}"
        finished_run("infer", "--model", "out/model.h5", "--output", out, "test", "--precision", "fp32",
                     "--set", f"kernels={kernels}")
        masks[kernels] = [h5py.File(mask)["mask"][...] for mask in sorted(out.glob("*.hdf.h5"))]
        assert len(masks[kernels]) == 3
    for kernels in ("auto", "avx2"):
        for own, plain in zip(masks[kernels], masks["plain"]):
            np.testing.assert_allclose(own, plain, atol=1e-4)


def test_info_tells_scene_mask_and_model_apart(finished_run):
    scene = next((finished_run.folder / "test").glob("*.hdf"))
    text = finished_run("info", scene, f"out/{scene.name}.h5", "out/model.h5").stdout
    assert text.count("height_px       150\nwidth_px        170\n") == 2
    assert "kind            mask" in text and "kind            model" in text
    assert "device" in finished_run("info").stdout


def test_exported_model_comes_back(finished_run):
    finished_run("export", "--model", "out/model.h5", "--to", "keras", "exported.h5")
    finished_run("import", "--from", "keras", "exported.h5", "--model", "imported.h5")
    scene = next((finished_run.folder / "test").glob("*.hdf"))
    for model in ("out/model.h5", "imported.h5"):
        finished_run("infer", "--model", model, "--output", model.replace("/", "_") + "_masks", scene)
    with h5py.File(finished_run.folder / f"out_model.h5_masks/{scene.name}.h5") as a, \
            h5py.File(finished_run.folder / f"imported.h5_masks/{scene.name}.h5") as b:
        assert np.array_equal(a["mask"][...], b["mask"][...], equal_nan=True)


def test_same_seed_gives_the_same_scene(finished_run):
    for folder in ("twice_a", "twice_b"):
        finished_run("synth", folder, "--scenes", 2, "--seed", 5, "--height", 80, "--width", 96)
    for scene in (finished_run.folder / "twice_a").glob("*.hdf"):
        assert scene.read_bytes() == (finished_run.folder / "twice_b" / scene.name).read_bytes()


def test_check_says_what_a_run_needs_and_writes_nothing(program):
    before = sorted(program.folder.rglob("*"))
    text = program("check", "--config", program.config()).stdout
    assert "no faults found" in text
    assert re.search(r"time: about \d+ s for training .* about \d+ s for the masks of 3 scenes; an estimate", text)
    assert sorted(program.folder.rglob("*")) == sorted(before + [program.folder / "run.yaml"])
