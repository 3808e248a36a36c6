"""Both views of ESA's products: neither is ever taken for the other. And what a view holds that is no pixel of it."""

import json
import pathlib
import sys

import h5py
import numpy as np
import pytest
from test_archives import pack
from test_products import probe, read

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "products"))
from make_sen3 import make_product  # noqa: E402

OBLIQUE = ("--set", "view=oblique")
SCREEN = ("screen", "--method", "threshold", "--output", "masks")


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    return make_product(tmp_path_factory.mktemp("product"))


def mask_of(file):
    with h5py.File(file) as opened:
        dataset = opened["cloud_probability" if file.suffix == ".nc" else "mask"]
        return np.squeeze(dataset[...]), dataset.attrs["view"]


def test_orphan_pixels_are_no_pixels_of_the_scene(tmp_path):
    path = make_product(tmp_path)
    before, _ = read(path, tmp_path)
    changed = 0
    for file in path.glob("*.nc"):
        with h5py.File(file, "r+") as opened:
            for name in [name for name in opened if "_orphan_" in name]:
                opened[name][...] = 7
                changed += 1
    assert changed == 72  # of both views
    after, done = read(path, tmp_path)
    assert done.stderr == ""
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)


@pytest.mark.parametrize("view", ["nadir", "oblique"])
def test_of_all_exceptions_only_a_cosmetic_fill_is_kept(tmp_path, view):
    path = make_product(tmp_path)
    grid = f"i{view[0]}"
    with h5py.File(path / f"S8_BT_{grid}.nc", "r+") as file:
        file[f"S8_BT_{grid}"][5:9, 10:74] = 100
        file[f"S8_exception_{grid}"][5:9, 10:74] = np.arange(256).reshape(4, 64)
    found, _ = read(path, tmp_path, view)
    kept = np.isfinite(found["bts"][5:9, 10:74, 1]).ravel()
    assert list(np.flatnonzero(kept)) == [0, 2]


@pytest.mark.parametrize("form,ending", [("hdf5", "h5"), ("netcdf", "nc")])
def test_masks_of_both_views_lie_side_by_side_and_say_which_they_are_of(program, product, form, ending):
    command = (*SCREEN, "--format", form, product)
    for options in ((), OBLIQUE):
        assert "1 masks made" in program(*command, *options).stderr
    nadir, oblique = (program.folder / "masks" / f"{product.name}{name}.{ending}" for name in ("", ".oblique"))
    (seen, view), (seen_obliquely, other) = mask_of(nadir), mask_of(oblique)
    assert (view, other) == ("nadir", "oblique")
    assert seen.shape == (120, 150) and seen_obliquely.shape == (120, 90)
    for options in ((), OBLIQUE):
        assert "0 masks made" in program(*command, *options).stderr
    for file, options in ((nadir, ()), (oblique, OBLIQUE)):
        shown = program("info", file, *options).stdout
        assert f"view            {mask_of(file)[1]}" in shown
        evaluated = program("evaluate", "--masks", "masks", "--scenes", product, *options)
        assert "mask has no scene" not in evaluated.stderr
    if form == "netcdf":
        with h5py.File(oblique) as file:
            assert file.attrs["source"] == "Sentinel-3 SLSTR Level 1, 1 km grid of the oblique view"
            assert file["latitude"].shape == (120, 90)


def test_bayesian_tables_of_both_views_lie_side_by_side(program, product):
    command = ("screen", "--method", "bayesian", "--output", "masks", product)
    tables = {"nadir": "masks/bayesian_tables.h5", "oblique": "masks/bayesian_tables.oblique.h5"}
    assert "not known" not in program(*command).stderr + program(*command, *OBLIQUE).stderr
    for view, file in tables.items():
        with h5py.File(program.folder / file) as opened:
            assert opened.attrs["view"] == view
        assert json.loads(program("info", file, "--json", "-").stdout)["contents"][0]["view"] == view
    other = program(*command, *OBLIQUE, "--tables", tables["nadir"]).stderr
    assert other.count("learnt from the nadir view; how good its masks of the oblique view are is not known") == 1


def test_a_mask_of_the_other_view_is_refused_and_made_again(program, product):
    program(*SCREEN, *OBLIQUE, product)
    nadir, oblique = (program.folder / "masks" / f"{product.name}{name}.h5" for name in ("", ".oblique"))
    assert "in the nadir view is X.h5 or X.nc" in program.fault("evaluate", "--masks", "masks", "--scenes", product)
    oblique.rename(nadir)
    for command in (("evaluate", "--masks", "masks", "--scenes", product),
                    ("compare", "--scenes", product, "--against", "bayes", "a=masks"),
                    ("sst", "--output", "sst", "--masks", "masks", product),
                    ("quicklook", "--output", "pictures", "--masks", "masks", product)):
        assert f"{nadir.name}: is a mask of the oblique view, wanted the nadir view" in program(*command, code=1).stderr
    assert "1 masks made" in program(*SCREEN, product).stderr
    assert mask_of(nadir)[1] == "nadir"


def test_a_mask_that_does_not_say_its_view_is_taken_for_either(program, product):
    for name, options in (("", ()), (".oblique", OBLIQUE)):
        program(*SCREEN, product, *options)
        with h5py.File(program.folder / "masks" / f"{product.name}{name}.h5", "r+") as file:
            del file["mask"].attrs["view"]
        scores = program("evaluate", "--masks", "masks", "--scenes", product, *options, "--json", "-").stdout
        assert json.loads(scores)["failures"] == []


def test_maps_of_both_views(program, product):
    for options in ((), OBLIQUE):
        program(*SCREEN, "--format", "geotiff", product, *options)
    for name, view in (("", "nadir"), (".oblique", "oblique")):
        file = program.folder / "masks" / f"{product.name}{name}.tif"
        contents = json.loads(program("info", file, "--json", "-").stdout)["contents"]
        assert contents[0]["view"] == view
    assert "0 masks made" in program(*SCREEN, "--format", "geotiff", product, *OBLIQUE).stderr


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("asked,there", [("nadir", "oblique"), ("oblique", "nadir")])
def test_a_view_that_a_product_does_not_have_costs_one_line(tmp_path, asked, there, packed):
    path = make_product(tmp_path, rows=40, columns=50, views=there[0])
    if packed:
        pack(path, tmp_path / f"{path.name}.zip")
        path = tmp_path / f"{path.name}.zip"
    assert probe(path, tmp_path / "read.hdf", there).returncode == 0
    done = probe(path, tmp_path / "read.hdf", asked)
    assert done.returncode == 1
    assert done.stderr == (f"{path}: has no file of the {asked} view, only of the {there} view; get it again, or set "
                           f"view: {there}\n")


def test_of_an_archive_only_the_view_is_unpacked(tmp_path, product):
    wanted, _ = read(product, tmp_path, "oblique")
    pack(product, tmp_path / f"{product.name}.zip")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    found, _ = read(tmp_path / f"{product.name}.zip", tmp_path, "oblique")
    for name, values in wanted.items():
        np.testing.assert_array_equal(found[name], values)
    for file in product.glob("*_?n.nc"):
        file.write_bytes(b"damaged")
    pack(product, tmp_path / f"{product.name}.tar")
    found, done = read(tmp_path / f"{product.name}.tar", tmp_path, "oblique")
    np.testing.assert_array_equal(found["bts"], wanted["bts"])
    assert done.stderr == ""


def test_the_benchmarks_scenes_have_no_oblique_view(program):
    fault = program.fault("evaluate", "--masks", "test", "--scenes", "test", *OBLIQUE)
    assert "in the oblique view is X.oblique.h5 or X.oblique.nc" in fault
    done = program(*SCREEN, *OBLIQUE, "test", code=1)
    assert done.stderr.count(".hdf: holds the nadir view alone; view: oblique is for ESA's products") == 6  # and in the end
    text = program("check", "--config", program.config(view="oblique"), "--headers", code=1).stdout
    assert "holds the nadir view alone" in text


def test_the_oblique_view_takes_every_command(program):
    for seed in (1, 2, 3):
        make_product(program.folder / "views", rows=130, columns=240, baseline=5, seed=seed,
                     name=f"S3A_SL_1_RBT____20210930T22091{seed}_20210930T221214_20211002T102150_0180_077_043_5400_LN2_"
                          "O_NT_005.SEN3")
    settings = {"train_dir": "views", "inference_dir": "views", "epochs": 1, "cache_dir": "cache"}
    oblique = program.config("oblique.yaml", view="oblique", **settings)
    nadir = program.config("nadir.yaml", **settings, output_dir="other", model_file="other/model.h5")
    assert "no faults found" in program("check", "--config", oblique).stdout
    assert "not known" not in program("run", "--config", oblique).stderr
    assert len(list((program.folder / "cache").glob("*.patches"))) == 3
    program("run", "--config", nadir)
    assert len(list((program.folder / "cache").glob("*.patches"))) == 6
    product = next((program.folder / "views").iterdir())
    assert (program.folder / "out" / f"{product.name}.oblique.h5").exists()
    assert "Scenes" in (program.folder / "out/report.html").read_text()
    assert "No pictures" not in (program.folder / "out/report.html").read_text()
    assert "oblique view" in (program.folder / "out/report.html").read_text()
    program("report", "out", "--masks", "other", "--set", "view=nadir")
    page = (program.folder / "out/report.html").read_text()
    assert " nadir view" in page and "No pictures" not in page and "No masks have been compared" not in page
    assert "view            oblique" in program("info", "out/model.h5").stdout

    shown = json.loads(program("info", product, *OBLIQUE, "--json", "-").stdout)["contents"][0]
    assert (shown["view"], shown["height_px"], shown["width_px"]) == ("oblique", 130, 144)
    scores = json.loads(program("evaluate", "--masks", "out", "--scenes", "views", *OBLIQUE, "--json", "-").stdout)
    assert scores["view"] == "oblique" and len(scores["scenes"]) == 3 and scores["all"]["pixels"] > 3 * 130 * 144 * 0.7
    compared = program("compare", "--scenes", "views", "--against", "bayes", "a=out", *OBLIQUE, "--html", "compared.html",
                       "--json", "-")
    assert json.loads(compared.stdout)["view"] == "oblique"
    assert "oblique view" in (program.folder / "compared.html").read_text()
    program("sst", "--output", "sst", "--masks", "out", *OBLIQUE, "views")
    program("sst", "--output", "sst", "--masks", "other", "views")
    with h5py.File(program.folder / "sst" / f"{product.name}.oblique.sst.h5") as file:
        assert file["sst_k"].shape == (130, 144) and file["sst_k"].attrs["view"] == "oblique"
    program("quicklook", "--output", "pictures", "--masks", "out", *OBLIQUE, "views")
    assert (program.folder / "pictures" / f"{product.name}.oblique.png").exists()

    assert "was made with view = oblique, now it is nadir" in program.fault("train", "--config", oblique, "--resume",
                                                                       "--set", "view=nadir")
    mixed = program("infer", "--model", "out/model.h5", "--output", "mixed", "views").stderr
    assert mixed.count("learnt from the oblique view; how good its masks of the nadir view are is not known") == 1
