"""`cloudmask help`, and what a shell completes."""

import subprocess

import pytest
from conftest import Program


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path)


@pytest.mark.parametrize("command", [[], ["train"], ["help"]])
def test_help_of_a_command_is_what_its_option_prints(program, command):
    assert program("help", *command).stdout == program(*command, "--help").stdout


def test_help_of_no_command_is_wrong_usage(program):
    assert "no command 'trian'" in program.fault("help", "trian", code=2)


@pytest.mark.parametrize("line,completed", [
    ("cloudmask hel", ["help"]),
    ("cloudmask help tr", ["train"]),
    ("cloudmask manual sy", ["synth"]),
    ("cloudmask completion z", ["zsh"]),
    ("cloudmask train --uns", ["--unsupervised"]),
    ("cloudmask manual --t", ["--to"]),
    ("cloudmask train --set epoc", ["epochs="]),
    ("cloudmask info run.y", ["run.yaml"]),
])
def test_bash_completes_commands_options_keys_and_files(program, line, completed):
    (program.folder / "run.yaml").touch()
    words = line.split()
    script = program("completion", "bash").stdout + (
        f"compopt() {{ :; }}\nCOMP_WORDS=({' '.join(words)}) COMP_CWORD={len(words) - 1}\n"
        "_cloudmask\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
    done = subprocess.run(["bash", "-c", script], cwd=program.folder, check=True, capture_output=True, text=True)
    assert done.stdout.split() == completed
