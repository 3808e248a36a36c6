"""Manual pages say what --help says."""

import re
import shutil
import subprocess

import pytest
from conftest import Program

REQUESTS = {".TH", ".SH", ".TP", ".nf", ".fi"}


@pytest.fixture(scope="module")
def cloudmask(tmp_path_factory):
    return Program(tmp_path_factory.mktemp("manual"))


@pytest.fixture(scope="module")
def commands(cloudmask):
    listed = cloudmask("--help").stdout.split("Subcommands:")[1]
    return re.findall(r"^  ([a-z]+) ", listed, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def pages(cloudmask):
    cloudmask("manual", "--to", "man")
    return {str(page.relative_to(cloudmask.folder / "man")): page.read_text()
            for page in (cloudmask.folder / "man").rglob("*.?")}


def test_every_command_and_the_configuration_has_a_page(cloudmask, commands, pages):
    assert set(pages) == {"man1/cloudmask.1", "man5/cloudmask-configuration.5",
                          *(f"man1/cloudmask-{command}.1" for command in commands)}
    assert "\\fBtrain_dir\\fR" in pages["man5/cloudmask-configuration.5"].replace("\\-", "-")
    assert cloudmask("manual", "train").stdout == pages["man1/cloudmask-train.1"]


def test_every_option_of_every_command_is_on_its_page(cloudmask, commands, pages):
    for command in commands:
        page = pages[f"man1/cloudmask-{command}.1"].replace("\\-", "-")
        options = re.findall(r"^  (?:-\w,)?(--[a-z-]+)", cloudmask(command, "--help").stdout, flags=re.MULTILINE)
        assert "--set" in options
        for option in options:
            assert f"\\fB{option}\\fR" in page, (command, option)
        assert f"cloudmask {command}" in page.split(".SH EXAMPLES")[1]


def test_no_line_of_text_is_a_request(pages):
    for name, page in pages.items():
        assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} <= REQUESTS, name


@pytest.mark.skipif(not shutil.which("groff"), reason="no groff here")
def test_groff_has_no_complaint(pages):
    for page in pages.values():
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, check=True)
        # Examples are not wrapped, and some are longer than a line of 80.
        assert [line for line in done.stderr.splitlines() if "cannot" not in line and "adjust" not in line] == []


def test_an_unknown_command_is_named(cloudmask):
    assert "no command 'trian'" in cloudmask.fault("manual", "trian", code=2)
