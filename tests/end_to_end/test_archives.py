"""Products in archives: read like folders, and never a way out of the temporary folder or to a full disk."""

import io
import pathlib
import resource
import sys
import tarfile
import zipfile

import h5py
import numpy as np
import pytest
from test_products import probe

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "products"))
from make_sen3 import make_product  # noqa: E402


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    return make_product(tmp_path_factory.mktemp("product"), rows=64, columns=72)


def pack(product, archive, folder=None):
    folder = product.name if folder is None else folder
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
            for file in sorted(product.iterdir()):
                out.write(file, f"{folder}/{file.name}" if folder else file.name)
    else:
        with tarfile.open(archive, "w") as out:
            for file in sorted(product.iterdir()):
                out.add(file, f"{folder}/{file.name}" if folder else file.name)


def values(file):
    with h5py.File(file) as opened:
        return {name: opened[name][...] for name in opened}


@pytest.mark.parametrize("ending,folder", [(".zip", None), (".zip", ""), (".tar", None), (".tar", "deep/er")])
def test_an_archive_reads_as_its_folder_and_leaves_nothing_behind(tmp_path, product, monkeypatch, ending, folder):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    archive = tmp_path / f"{product.name}{ending}"
    pack(product, archive, folder)
    assert probe(product, tmp_path / "a.hdf").returncode == 0
    done = probe(archive, tmp_path / "b.hdf")
    assert done.returncode == 0 and done.stderr == ""
    wanted, found = values(tmp_path / "a.hdf"), values(tmp_path / "b.hdf")
    assert wanted.keys() == found.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(found[name], value)
    assert list(temporary.iterdir()) == []


def evil_zip(archive, product):
    """Paths that lead out, a link, and a good product."""
    pack(product, archive)
    with zipfile.ZipFile(archive, "a") as out:
        out.writestr("../../../escaped.nc", "x")
        out.writestr("../../S8_BT_in.nc.evil", "x")
        link = zipfile.ZipInfo("met_tx.nc")
        link.external_attr = 0o120777 << 16
        out.writestr(link, "/etc/passwd")


def test_no_path_of_an_archive_is_followed(tmp_path, product, monkeypatch):
    temporary = tmp_path / "a/b/c"
    temporary.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(temporary))
    archive = tmp_path / f"{product.name}.zip"
    evil_zip(archive, product)
    assert probe(archive, tmp_path / "out.hdf").returncode == 0
    files = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert files == {archive.name, "out.hdf"}


def test_a_band_that_is_a_link_is_a_band_that_is_missing(tmp_path, product):
    archive = tmp_path / f"{product.name}.tar"
    with tarfile.open(archive, "w") as out:
        for file in product.iterdir():
            if file.name != "S8_BT_in.nc":
                out.add(file, file.name)
        link = tarfile.TarInfo("S8_BT_in.nc")
        link.type, link.linkname = tarfile.SYMTYPE, str(product / "S8_BT_in.nc")
        out.addfile(link)
    done = probe(archive, tmp_path / "out.hdf")
    assert done.returncode == 1 and "S8_BT_in.nc: is missing" in done.stderr


def test_a_bomb_is_stopped_before_it_fills_the_disk(tmp_path, product):
    archive = tmp_path / f"{product.name}.zip"
    zeros = bytes(1 << 24)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        with out.open("S8_BT_in.nc", "w", force_zip64=True) as file:
            for _ in range(130):
                file.write(zeros)
    assert archive.stat().st_size < 20 << 20
    done = probe(archive, tmp_path / "out.hdf")
    assert done.returncode == 1 and "unpacks to more than 2 GiB" in done.stderr


def test_two_products_in_one_archive_are_refused(tmp_path, product):
    archive = tmp_path / f"{product.name}.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for folder in ("one", "two"):
            out.write(product / "S8_BT_in.nc", f"{folder}/S8_BT_in.nc")
    done = probe(archive, tmp_path / "out.hdf")
    assert done.returncode == 1 and "holds S8_BT_in.nc twice" in done.stderr


def test_archives_that_are_cut_or_none_cost_one_line(tmp_path, product):
    archive = tmp_path / f"{product.name}.zip"
    pack(product, archive)
    whole = archive.read_bytes()
    for content in (b"", b"clouds", whole[: len(whole) // 2], io.BytesIO(whole).read(100)):
        archive.write_bytes(content)
        done = probe(archive, tmp_path / "out.hdf")
        assert done.returncode == 1 and done.stderr.count("\n") == 1 and archive.name in done.stderr


def test_a_full_disk_while_unpacking_names_the_folder(tmp_path, product):
    """No file may grow beyond 4 KiB here, which is what a full disk looks like to the program."""
    archive = tmp_path / f"{product.name}.zip"
    pack(product, archive)
    done = probe(archive, tmp_path / "out.hdf", restore_signals=False,
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    assert done.returncode == 1 and "set TMPDIR to another folder" in done.stderr


def test_a_temporary_folder_that_is_not_there_is_said(tmp_path, product, monkeypatch):
    archive = tmp_path / f"{product.name}.zip"
    pack(product, archive)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "absent"))
    done = probe(archive, tmp_path / "out.hdf")
    assert done.returncode == 1 and "set TMPDIR to another place" in done.stderr


def test_masks_of_archives_are_named_after_them(program, product):
    (program.folder / "in").mkdir()
    archive = program.folder / "in" / f"{product.name}.zip"
    pack(product, archive)
    program("screen", "--method", "threshold", "--output", "masks", "in")
    assert (program.folder / "masks" / f"{archive.name}.h5").exists()
    assert "ESA product" in program("info", archive).stdout
