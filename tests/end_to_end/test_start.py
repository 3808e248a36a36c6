"""LibTorch, which takes as long to load as a product to read, is loaded for a network and for nothing else."""

import os
import pathlib
import shutil

import pytest


def loads_libtorch(program, folder, *arguments):
    """What the dynamic linker says of a run of the program."""
    log = folder / "linker"
    program(*arguments, env=os.environ | {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": log})
    said = "".join(file.read_text() for file in folder.glob("linker.*"))
    assert "libcloudmask.so" in said
    return "libtorch" in said


@pytest.mark.parametrize("arguments", [
    ("--help",), ("completion", "bash"), ("info", "SCENE"), ("info", "out/model.h5"),
    ("screen", "--method", "threshold", "--format", "netcdf", "--output", "screened", "test"),
    ("screen", "--method", "bayesian", "--output", "tables", "test"),
    ("evaluate", "--masks", "out", "--scenes", "test"), ("report", "out"),
    ("export", "--model", "out/model.h5", "--to", "onnx", "model.onnx")], ids=lambda arguments: "_".join(arguments[:2]))
def test_what_takes_no_network_starts_without_libtorch(finished_run, tmp_path, arguments):
    scene = next((finished_run.folder / "test").glob("*.hdf"))
    arguments = [scene if word == "SCENE" else word for word in arguments]
    assert not loads_libtorch(finished_run, tmp_path, *arguments)


def test_a_network_brings_libtorch(finished_run, tmp_path):
    assert loads_libtorch(finished_run, tmp_path, "infer", "--model", "out/model.h5", "--output", tmp_path, "test")


@pytest.mark.parametrize("given,spins", [({}, "10000"), ({"GOMP_SPINCOUNT": "77"}, "77"),
                                         ({"OMP_WAIT_POLICY": "passive"}, "0")], ids=["nothing", "number", "policy"])
def test_threads_spin_briefly_unless_the_user_says_how_long(finished_run, tmp_path, given, spins):
    environment = os.environ | {"OMP_DISPLAY_ENV": "verbose"} | given
    told = finished_run("infer", "--model", "out/model.h5", "--output", tmp_path, "test", env=environment).stderr
    assert f"GOMP_SPINCOUNT = '{spins}'" in told


def test_without_its_library_a_network_is_refused_in_one_line_and_the_rest_works(finished_run, tmp_path):
    shutil.copy(pathlib.Path(os.environ["CLOUDMASK_BUILD"]) / "libcloudmask.so.0", tmp_path)
    alone = os.environ | {"LD_LIBRARY_PATH": str(tmp_path)}
    masks = ("--output", tmp_path / "masks", "test")
    refused = finished_run("infer", "--model", "out/model.h5", *masks, code=1, env=alone).stderr
    assert refused.startswith("cloudmask: networks take a library of cloudmask's own, which is missing: "
                              "libcloudmask_network.so")
    assert refused.count("\n") == 1 and refused.endswith("install cloudmask anew\n")
    finished_run("screen", "--method", "threshold", *masks, env=alone)
