"""`--json -` of every command: one object on standard output and nothing else there, all talk on standard error."""

import json
import os
import pathlib
import pty
import subprocess
import sys

import pytest
from conftest import PROGRAM

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "products"))
from make_sen3 import make_product  # noqa: E402

SUMMARY = ["command", "version", "seconds", "files", "failures"]
SCREEN = ("screen", "--method", "threshold", "--output", "masks")


def told(program, *arguments, code=0):
    return json.loads(program(*arguments, "--json", "-", code=code).stdout)


def summary(program, *arguments, code=0):
    """The summary, whose files are all there."""
    found = told(program, *arguments, code=code)
    assert list(found)[:5] == SUMMARY
    assert found["command"] == arguments[0] and found["seconds"] > 0
    assert found["version"] == program("--version").stdout.split()[1]
    for file in found["files"]:
        assert (program.folder / file).is_file(), file
    return found


@pytest.fixture
def masked(program):
    program(*SCREEN, "test")
    return program


def test_making_masks_lists_masks_failures_and_what_each_scene_took(program):
    (program.folder / "test" / "S3A_torn.hdf").write_bytes(b"torn")
    found = summary(program, *SCREEN, "test", code=1)
    scenes = sorted(file.name for file in (program.folder / "test").glob("*.hdf"))
    assert found["files"] == [f"masks/{name}.h5" for name in scenes if "torn" not in name]
    [failure] = found["failures"]
    assert failure["file"] == "S3A_torn.hdf" and "S3A_torn.hdf" in failure["reason"]
    assert [scene["name"] for scene in found["scenes"]] == scenes
    assert found["inference"]["masked"] == 3 and found["inference"]["failed"] == 1
    again = summary(program, *SCREEN, "test", code=1)
    assert all(scene["cloud_fraction"] is None for scene in again["scenes"]), "no mask was made, so none was looked at"
    assert again["files"] == found["files"] and again["inference"]["skipped"] == 3


def test_training_inference_and_the_whole_benchmark(program):
    found = summary(program, "train", "--config", program.config(epochs=1))
    assert found["files"] == ["out/model.h5", "out/report.html"]
    assert found["training"]["epochs"] == 1 and found["training"]["training_scenes"] == 4
    found = summary(program, "infer", "--model", "out/model.h5", "--output", "masks", "--format", "netcdf", "test")
    assert len(found["files"]) == 3 and all(file.endswith(".hdf.nc") for file in found["files"])
    found = summary(program, "run", "--config", program.config(epochs=1))
    assert found["files"][-2:] == ["out/model.h5", "out/report.html"] and len(found["files"]) == 5
    assert 0 < found["evaluation"]["all"]["accuracy"] < 1 and found["training"]["epochs"] == 1
    assert summary(program, "report", "out")["files"] == ["out/report.html"]
    for arguments, file in ((("export", "--model", "out/model.h5", "--to", "onnx"), "model.onnx"),
                            (("import", "--from", "onnx", "--model", "copy.h5"), "model.onnx")):
        found = summary(program, *arguments, file)
        assert found["files"] == [file if arguments[0] == "export" else "copy.h5"]


def test_info_says_the_same_as_numbers(masked):
    machine = summary(masked, "info")["machine"]
    assert machine["cores"] >= 1 and machine["memory_bytes"] > 0
    scene = next((masked.folder / "test").glob("*.hdf"))
    found = summary(masked, "info", scene, f"masks/{scene.name}.h5", "nothing.h5", code=1)
    assert [content["kind"] for content in found["contents"]] == ["scene", "mask"]
    assert found["contents"][0]["labels"] is True
    assert (found["contents"][1]["height_px"], found["contents"][1]["width_px"]) == (150, 170)
    assert [failure["file"] for failure in found["failures"]] == ["nothing.h5"]


def test_check_lists_facts_and_faults(program):
    found = summary(program, "check", "--headers", "--config", program.config())
    assert found["facts"] and not found["failures"]
    found = summary(program, "check", "--headers", "--config", program.config(train_dir="nowhere"), code=1)
    assert "nowhere" in found["failures"][0]["reason"]


def test_scenes_pictures_and_learnt_tables(masked):
    assert len(summary(masked, "synth", "more", "--scenes", "2", "--height", "64", "--width", "64")["files"]) == 2
    next((masked.folder / "masks").glob("*.h5")).unlink()
    found = summary(masked, "quicklook", "--masks", "masks", "--output", "pictures", "test", code=1)
    assert len(found["files"]) == 2 and len(found["failures"]) == 1
    learn = ("screen", "--method", "bayesian", "--learn", "--tables", "tables.h5", "test")
    assert summary(masked, *learn)["files"] == ["tables.h5"]


def test_figures_keep_the_form_they_have(masked):
    assert told(masked, "evaluate", "--masks", "masks", "--scenes", "test")["all"]["pixels"] > 0
    assert told(masked, "compare", "--scenes", "test", "a=masks")["parts"]["all"]["pixels"] > 0
    assert told(masked, "sst", "--output", "sst", "test")["failures"] == []
    assert told(masked, "bench", "read", "test")["bytes_per_s"] > 0


def test_a_file_gets_the_json_and_standard_output_the_text(masked):
    done = masked("evaluate", "--masks", "masks", "--scenes", "test", "--json", "new/scores.json")
    assert "accuracy" in done.stdout and not done.stdout.startswith("{")
    scores = (masked.folder / "new" / "scores.json").read_text()
    assert scores == masked("evaluate", "--masks", "masks", "--scenes", "test", "--json", "-").stdout


def test_a_file_that_cannot_be_written_is_said_before_the_work(program):
    (program.folder / "file").write_text("")
    assert "file" in program.fault("train", "--config", program.config(), "--json", "file/told.json")
    assert not (program.folder / "out" / "model.h5").exists()
    for name, reason in (("test", "is a folder"), ("/dev/null", "is no regular file"), ("x" * 250, "name another file")):
        assert reason in program.fault("info", "--json", name), name
    assert "takes a FILE" in program.fault("info", "--json", "", code=2)


def test_quiet_leaves_results_warnings_and_errors(program):
    product = make_product(program.folder / "products", rows=130, columns=140)
    done = program("--quiet", *SCREEN, "products", "test", "--json", "-")
    assert all("warning" in line for line in done.stderr.splitlines()), done.stderr
    assert len(json.loads(done.stdout)["files"]) == 4
    assert program("--quiet", "synth", "more", "--scenes", "1", "--height", "64", "--width", "64").stderr == ""
    assert "missing.h5" in program.fault("--quiet", "infer", "--model", "missing.h5", "--output", "m", product)


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {}])
def test_no_color_means_no_escape_codes_on_a_terminal(program, settings):
    """Standard error is a terminal here."""
    controller, terminal = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    environment.update(settings, TERM="xterm-256color")
    ended = subprocess.run([PROGRAM, "info", "nothing.h5"], cwd=program.folder, stdout=subprocess.DEVNULL,
                           stderr=terminal, env=environment, timeout=60)
    os.close(terminal)
    said = os.read(controller, 65536).decode()
    os.close(controller)
    assert ended.returncode == 1 and "nothing.h5" in said
    assert ("\x1b[" in said) == (not settings)


def test_exit_codes_are_the_same_with_json(program):
    assert program("screen", "--json", "-", code=2).stdout == ""
    assert program("info", "nothing.h5", "--json", "-", code=1).stdout.startswith("{")
    assert program("infer", "--model", "missing.h5", "--output", "m", "test", "--json", "-", code=1).stdout == ""
