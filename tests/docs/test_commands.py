"""Every command in the docs is run, or is left out for a reason that stands beside it and still would be taken."""

import os
import re
import subprocess

import pytest
from commands import blocks, commands, inline_commands
from conftest import ENVIRONMENT, PAGES, ROOT

LANGUAGES = {"sh", "python", "cpp", "yaml", "cmake", "text"}
TIMEOUT_S = 240
OTHER_PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]


def name_of(page):
    return str(page.relative_to(ROOT))


def shell(page):
    return [block for block in blocks(page.read_text()) if block.language == "sh"]


def runnable(page):
    return [block for block in shell(page) if not block.not_run_because]


def shell_commands(page):
    return [words for block in shell(page) for words in commands(block.text)]


@pytest.mark.parametrize("page", list(filter(runnable, PAGES)), ids=name_of)
def test_the_commands_of_a_page_run_one_after_another(page, page_folder):
    script = "set -euo pipefail\ntrap 'echo \"failed: $BASH_COMMAND\" >&2' ERR\n"
    for block in runnable(page):
        script += f"echo '== {name_of(page)}:{block.line}'\n{block.text}"
    done = subprocess.run(["bash", "-c", script], cwd=page_folder, env=ENVIRONMENT, timeout=TIMEOUT_S, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout[-4000:]
    assert done.stdout.count(f"== {name_of(page)}:") == len(runnable(page))


@pytest.mark.parametrize("page", [*PAGES, *OTHER_PAGES], ids=name_of)
def test_the_command_line_takes_what_pages_say(page, command_line):
    said = [*shell_commands(page), *inline_commands(page.read_text())]
    assert [fault for words in said if (fault := command_line.fault(words))] == []


@pytest.mark.parametrize("page", list(filter(shell, [*PAGES, *OTHER_PAGES])), ids=name_of)
def test_targets_and_scripts_are_there_with_their_options(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in shell_commands(page):
        if words[0] == "make":
            assert {word for word in words[1:] if "=" not in word} <= targets, words
        for script in (word for word in words if re.match(r"(bench|tools|tests)/[\w/]+\.(py|sh)$", word)):
            assert os.access(ROOT / script, os.X_OK) or script != words[0], script
            source = (ROOT / script).read_text()
            for option in (word for word in words if word.startswith("--")):
                assert re.search(rf"\b{option[2:]}\b", source), (script, option)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_command_hides_from_these_tests(page):
    text = page.read_text()
    assert {block.language for block in blocks(text)} <= LANGUAGES  # ``` alone would not be looked at
    assert text.count("<!-- run:") == sum(bool(block.not_run_because) for block in blocks(text))
    fenced = "".join(block.text for block in blocks(text))
    for line in re.findall(r"^(?: {4}|\t)\s*((?:(?:cloudmask|make|pip|mpirun|srun|python3) |bench/|tools/).*)", text, re.MULTILINE):
        assert line in fenced, f"an indented command is not run; put it between ```sh and ```: {line}"


def test_cpp_in_the_docs_stands_in_the_example_that_test_install_builds():
    example = (ROOT / "examples/mask_scene/mask_scene.cpp").read_text()
    lines = [line for page in PAGES for block in blocks(page.read_text()) if block.language == "cpp"
             for line in block.text.splitlines()]
    assert lines and [line for line in lines if line.strip() not in example] == []


@pytest.mark.parametrize("line,fault", [
    ("cloudmask train --config run.yaml --set epochs=3 # comment --nonsense", None),
    ("mpirun -n 2 cloudmask train --cnofig run.yaml", "--cnofig"),
    ("time cloudmask evaluate --masks masks | head -n 3", None),
    ("cloudmask trian --config run.yaml", "trian"),
    ("cloudmask run --config run.yaml \\\n  --set epoch=3", "epoch=3"),
    ("cloudmask --verbsoe info", "--verbsoe"),
])
def test_a_wrong_command_is_found(command_line, line, fault):
    found = [command_line.fault(words) for words in commands(line)]
    assert any(fault in text for text in found if text) if fault else set(found) == {None}
