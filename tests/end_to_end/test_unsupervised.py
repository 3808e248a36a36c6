"""Training without a label: the same files, whether they have labels or not."""

import pathlib

import h5py
import numpy as np

SOURCE = pathlib.Path(__file__).parents[2]
SETTINGS = {"epochs": 2, "deterministic": "true"}


def change_labels(folder, change):
    for scene in folder.glob("*.hdf"):
        with h5py.File(scene, "r+") as file:
            change(file)


def forget(file):
    del file["bayes"]


def scramble(file):
    file["bayes"][...] = np.random.default_rng(1).integers(0, 2, file["bayes"].shape)


def train(program, name):
    config = program.config(f"{name}.yaml", model_file=f"{name}/model.h5", output_dir=name, **SETTINGS)
    said = program("train", "--config", config, "--unsupervised").stderr
    return (program.folder / name / "model.h5").read_bytes(), said


def test_labels_are_not_opened_and_change_nothing(program):
    change_labels(program.folder / "train", scramble)
    scrambled, said = train(program, "scrambled")
    change_labels(program.folder / "train", forget)
    forgotten, _ = train(program, "forgotten")
    assert scrambled == forgotten
    assert "taught without labels" in said
    program("infer", "--model", "forgotten/model.h5", "--output", "masks", "test")
    assert len(list((program.folder / "masks").glob("*.h5"))) == 3


def test_check_wants_labels_only_where_they_teach(program):
    change_labels(program.folder / "train", forget)
    config = program.config()
    program("check", "--headers", "--config", config, "--set", "supervision=none")
    for supervision in ("labels", "both"):
        found = program("check", "--headers", "--config", config, "--set", f"supervision={supervision}", code=1)
        assert "dataset bayes is missing" in found.stdout


def test_resuming_with_another_teacher_is_refused(program):
    train(program, "out")
    assert "supervision" in program.fault("train", "--config", program.config(**SETTINGS), "--resume")


def test_optics_of_simulated_clouds_can_be_replaced_and_faults_are_named(program):
    config = program.config("grey.yaml", cloud_optics=str(SOURCE / "bench/grey_clouds.yaml"), **SETTINGS)
    program("train", "--config", config, "--unsupervised")
    (program.folder / "bad.yaml").write_text("droplets: 1")
    for command in (["train", "--unsupervised"], ["check", "--headers", "--set", "supervision=none"]):
        said = program(*command, "--config", config, "--set", f"cloud_optics={program.folder}/bad.yaml", code=1)
        assert "bad.yaml: droplets: wanted the keys absorption_s8" in said.stdout + said.stderr
