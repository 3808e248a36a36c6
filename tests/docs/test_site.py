"""`make docs`: links lead somewhere, the reference is whole, and nothing is loaded from elsewhere."""

import os
import re
import subprocess
import sys

import pytest
from conftest import PROGRAM, ROOT, run_program

LOADED = re.compile(r'<(?:script|img|iframe)[^>]* src="(http[^"]*)"|<link rel="stylesheet" href="(http[^"]*)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder], cwd=ROOT,
                          env={**os.environ, "CLOUDMASK_PROGRAM": str(PROGRAM), "NO_MKDOCS_2_WARNING": "1"},
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_in_the_site(site):
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} | {"commands", "keys"}
    assert pages == {page.stem for page in site.glob("*.html")} - {"404"}


def test_the_reference_has_every_command_and_key(site):
    commands = re.findall(r"^  ([a-z]+) ", run_program("--help").split("Subcommands:")[1], re.MULTILINE)
    text = (site / "commands.html").read_text()
    assert all(f'<h2 id="{command}">' in text for command in commands)
    keys = re.findall(r"^  (\w+) +\S", run_program("check", "--help").split("Keys of the configuration")[1], re.MULTILINE)
    text = (site / "keys.html").read_text()
    assert len(keys) > 40 and all(f"<code>{key}</code>" in text for key in keys)


def test_lists_and_tables_are_not_taken_for_text(site):
    """Python's Markdown wants a blank line above them, and four blanks before what belongs to an item."""
    for page in site.glob("*.html"):
        for text in re.findall(r"<(?:p|li)>((?:(?!</?(?:p|li|pre)).)*?)</", page.read_text(), re.DOTALL):
            assert not re.search(r"^\s*(- |\d+\. |\||```)", text, re.MULTILINE), (page.name, text)


def test_nothing_is_loaded_from_elsewhere(site):
    for page in site.glob("*.html"):
        assert LOADED.findall(page.read_text()) == [], page.name


@pytest.mark.parametrize("page", ["README.md", "models/README.md", "CONTRIBUTING.md"])
def test_links_outside_the_site_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text()):
        assert target.startswith("https://") or (ROOT / page).parent.joinpath(target).exists(), target
