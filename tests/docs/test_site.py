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
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} | {"commands", "keys", "python_api"}
    assert pages == {page.stem for page in site.glob("*.html")} - {"404"}


def test_the_reference_has_every_command_and_key(site):
    commands = re.findall(r"^  ([a-z]+) ", run_program("--help").split("Subcommands:")[1], re.MULTILINE)
    text = (site / "commands.html").read_text()
    assert all(f'<h2 id="{command}">' in text for command in commands)
    keys = re.findall(r"^  (\w+) +\S", run_program("check", "--help").split("Keys of the configuration")[1], re.MULTILINE)
    text = (site / "keys.html").read_text()
    assert len(keys) > 40 and all(f"<code>{key}</code>" in text for key in keys)


def test_the_reference_has_every_name_that_python_gives_away(site):
    names = re.findall(r'"([A-Za-z]\w+)"', (ROOT / "python/cloudmask/__init__.py").read_text().split("__all__")[1])
    text = (site / "python_api.html").read_text()
    assert len(names) > 10 and all(f'id="cloudmask.{name}"' in text for name in names)


def test_the_reference_has_every_name_in_the_installed_headers(site):
    headers = re.search(r"set\(_headers\n(.+?)\)", (ROOT / "cmake/Install.cmake").read_text(), re.DOTALL)[1].split()
    pages = [page.read_text() for page in (site / "api").glob("*.html") if not page.stem.endswith("_source")]
    for header in headers:
        code = (ROOT / "src/cloudmask" / header).read_text()
        names = re.findall(r"^(?:struct|class|enum class) (\w+)|^[\w:<>\[\]& ]+? (\w+)\(", code, re.MULTILINE)
        assert names, header
        for name in filter(None, sum(names, ())):
            assert any(re.search(rf">(?:[\w:&;<>/ ]+ )?{name}(?:<|\()", page) for page in pages), (header, name)


def test_a_public_name_without_a_word_about_it_ends_the_making_of_the_site(tmp_path):
    header = tmp_path / "silent.h"
    header.write_text("namespace cloudmask {\nint says_nothing();\n}\n")
    doxyfile = (PROGRAM.parent / "Doxyfile").read_text() + f"\nINPUT += {header}\nOUTPUT_DIRECTORY = {tmp_path}\n"
    done = subprocess.run(["doxygen", "-"], input=doxyfile, capture_output=True, text=True)
    assert done.returncode != 0 and "says_nothing() (function) of namespace cloudmask is not documented" in done.stderr


def test_lists_and_tables_are_not_taken_for_text(site):
    """Python's Markdown wants a blank line above them, and four blanks before what belongs to an item."""
    for page in site.glob("*.html"):
        for text in re.findall(r"<(?:p|li)>((?:(?!</?(?:p|li|pre)).)*?)</", page.read_text(), re.DOTALL):
            assert not re.search(r"^\s*(- |\d+\. |\||```)", text, re.MULTILINE), (page.name, text)


def test_nothing_is_loaded_from_elsewhere(site):
    for page in site.rglob("*.html"):
        assert LOADED.findall(page.read_text()) == [], page.name


@pytest.mark.parametrize("page", ["README.md", "models/README.md", "CONTRIBUTING.md"])
def test_links_outside_the_site_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text()):
        assert target.startswith("https://") or (ROOT / page).parent.joinpath(target).exists(), target
