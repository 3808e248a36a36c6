"""Bad input: one clear line, the right exit code, nothing half-written."""

import resource

import h5py
import pytest

USAGE = [
    ("epoch=3", "epochs"),
    ("batch_size=0", "batch_size"),
    ("learning_rate=nan", "learning_rate"),
    ("train_split=1.5", "train_split"),
    ("PATCH_SIZE=100", "PATCH_SIZE"),
    ("precision=fp7", "precision"),
    ("device=cuda:99", "device"),
    ("epochs=two", "epochs"),
]


@pytest.mark.parametrize("setting,key", USAGE)
def test_configuration_faults_name_the_key(program, setting, key):
    assert key in program.fault("train", "--config", program.config(), "--set", setting, code=2)


@pytest.mark.parametrize("option,value", [("--seed", "-1"), ("--height", "63"), ("--width", "8193"),
                                          ("--scenes", "100001")])
def test_synth_refuses_what_its_help_does_not_offer(program, option, value):
    arguments = {"--scenes": "1", option: value}
    assert option in program.fault("synth", "new", *(word for pair in arguments.items() for word in pair), code=2)
    assert not (program.folder / "new").exists()


def test_unknown_command_lists_the_known_ones(program):
    assert "train" in program.fault("trian", code=2)


def test_yaml_faults_name_file_and_line(program):
    (program.folder / "bad.yaml").write_text("epochs: 1\nbatch_size: [\n")
    assert "bad.yaml" in program.fault("train", "--config", "bad.yaml", code=2)


def test_missing_folder_and_folder_without_scenes(program):
    assert "nowhere" in program.fault("train", "--config", program.config(train_dir="nowhere"))
    (program.folder / "empty").mkdir()
    assert "no scene" in program.fault("train", "--config", program.config(train_dir="empty"))


def test_unwritable_output(program):
    (program.folder / "file").write_text("")
    assert "file" in program.fault("train", "--config", program.config(model_file="file/model.h5", output_dir="file"))


def test_training_stops_on_a_bad_scene_unless_told_to_keep_going(program):
    bad = sorted((program.folder / "train").glob("*.hdf"))[0]
    bad.write_bytes(bad.read_bytes()[:5000])
    config = program.config(epochs=1)
    assert bad.name in program.fault("train", "--config", config)
    assert bad.name in program("train", "--config", config, "--keep-going").stderr
    assert bad.name in program("run", "--config", config, "--keep-going").stderr


def test_inference_goes_past_a_bad_scene_and_exits_1(program):
    program("train", "--config", program.config(epochs=1))
    bad = sorted((program.folder / "test").glob("*.hdf"))[1]
    bad.write_bytes(b"")
    done = program("infer", "--config", "run.yaml", code=1)
    assert bad.name in done.stderr and "is empty" in done.stderr
    names = {mask.name for mask in (program.folder / "out").glob("*.hdf.h5")}
    assert len(names) == 2 and bad.name + ".h5" not in names


def test_check_finds_bad_scenes_before_hours_are_spent(program):
    bad = sorted((program.folder / "train").glob("*.hdf"))[2]
    bad.write_bytes(b"not HDF5 at all")
    done = program("check", "--config", program.config(), code=1)
    assert bad.name in done.stdout + done.stderr


def test_check_finds_what_training_finds(program):
    bad = sorted((program.folder / "train").glob("*.hdf"))[2]
    with h5py.File(bad, "r+") as scene:
        scene["bts"][...] = float("nan")
    config = program.config()
    done = program("check", "--config", config, code=1)
    assert f"{bad.name}: dataset bts has no pixel" in done.stdout
    assert "no faults found (scenes: headers only)" in program("check", "--config", config, "--headers").stdout
    assert bad.name in program("check", "--config", config, "--set", "keep_going=true").stdout
    done = program("check", "--config", program.config(reflectance_grid="500m"), "--headers", code=1)
    assert done.stdout.count("dataset refs has") == 8


def test_check_counts_the_bytes_of_the_cache(program):
    text = program("check", "--config", program.config(cache_dir="cache"), "--headers").stdout
    assert f"cache_dir: patches of {5 * 9 * 64 * 64 * 21 / 2**20:.1f} MiB" in text


def test_check_faults_no_label_that_inference_never_opens(program):
    for scene in (program.folder / "test").glob("*.hdf"):
        with h5py.File(scene, "r+") as file:
            del file["bayes"]
            file["bayes"] = [1, 2, 3]
    assert "no faults found" in program("check", "--config", program.config()).stdout


def test_model_that_is_none(program):
    (program.folder / "model.h5").write_text("rubbish")
    assert "model.h5" in program.fault("infer", "--model", "model.h5", "--output", "masks", "test")
    assert "no such file" in program.fault("infer", "--model", "absent.h5", "--output", "masks", "test")


def test_evaluate_without_masks(program):
    (program.folder / "none").mkdir()
    assert "mask" in program.fault("evaluate", "--masks", "none", "--scenes", "test")


@pytest.mark.parametrize("key", ["model_file", "output_dir", "train_dir", "inference_dir"])
def test_links_in_a_circle_and_long_names_are_faults_of_the_user(program, key):
    (program.folder / "a").symlink_to("b")
    (program.folder / "b").symlink_to("a")
    for path in ("a", "a/x", "x" * 300):
        config = program.config(**{key: path})
        for command in ("run", "check"):
            done = program(command, "--config", config, code=1)
            assert f"{key}: " in done.stdout + done.stderr
            assert "unexpected" not in done.stdout + done.stderr


def test_a_cache_that_cannot_be_kept_is_said_once_and_does_without(program):
    (program.folder / "file").write_text("in the way")
    config = program.config(cache_dir="file/cache")
    done = program("train", "--config", config)
    assert done.stderr.count("cannot keep prepared patches") == 1
    assert "cache_dir" in program("check", "--config", config, code=1).stdout


def test_a_model_file_that_cannot_be_written_is_found_before_training(program):
    (program.folder / "folder").mkdir()
    for path in ("folder", "x" * 250, "folder/" + "x" * 240):  # the checkpoint's name is longer
        fault = program.fault("train", "--config", program.config(model_file=path))
        assert fault.startswith("cloudmask: model_file: ")
        assert not (program.folder / "out/run.jsonl").exists()


def with_memory_bytes(limit):
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))}


def test_exhausted_memory_has_a_remedy(program):
    limit = with_memory_bytes(6 << 30)
    huge = {"batch_size": 60000, "PATCH_SIZE": 96}
    settings = [word for key, value in huge.items() for word in ("--set", f"{key}={value}")]
    errors = program("bench", "train", "--config", program.config(), *settings, code=1, **limit).stderr
    assert "out of memory; set a smaller batch_size" in errors and "report it" not in errors


def test_help_of_every_command_has_an_example(program):
    commands = "run train infer evaluate fetch synth report check info export import bench help completion manual"
    for command in commands.split():
        assert f"cloudmask {command}" in program(command, "--help").stdout
