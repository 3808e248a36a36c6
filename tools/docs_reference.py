"""A hook of mkdocs: the references. Commands and keys are what the program CLOUDMASK_PROGRAM says of itself, Python's is
made of docstrings by mkdocstrings, that of C++ by Doxygen of the headers, with the Doxyfile that lies beside the program."""

import ast
import os
import pathlib
import re
import shutil
import subprocess

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

PROGRAM = pathlib.Path(os.environ.get("CLOUDMASK_PROGRAM", "build/cloudmask"))
KEY = re.compile(r"^  (\w+) +(\(nothing\)|\S+) +(.+)\n +(.+)$", re.MULTILINE)


def help_of(*command):
    done = subprocess.run([PROGRAM, *command, "--help"], capture_output=True, text=True, check=True)
    return done.stdout.split("Keys of the configuration")


def commands_page():
    top = help_of()[0]
    page = ("# Commands\nWhat `--help` says of each command; the manual pages have the same. Exit codes: 0 done, 1 failed, 2 wrong "
            f"usage or configuration, 130 interrupted.\n\n```text\n{top.strip()}\n```\n")
    for command in re.findall(r"^  ([a-z]+) ", top.split("Subcommands:")[1], re.MULTILINE):
        page += f"\n## {command}\n```text\n{help_of(command)[0].strip()}\n```\n"
    return page


def keys_page():
    keys = KEY.findall(help_of("check")[1])
    assert len(keys) > 40, "the keys in `cloudmask check --help` have another form than this script knows"
    rows = "".join(f"| `{key}` | {'' if default == '(nothing)' else f'`{default}`'} | {meaning} | {takes} |\n"
                   for key, default, meaning, takes in keys)
    return ("# Keys\nAll keys of the configuration file, which `--set KEY=VALUE` takes as well; [configuration](configuration.md) "
            "says what most people set.\n\n| key | default | what it does | what it takes |\n|---|---|---|---|\n" + rows)


def python_page():
    """All names that the module gives away; mkdocstrings fills in what it finds in python/."""
    module = ast.parse(pathlib.Path("python/cloudmask/__init__.py").read_text())
    names = next(ast.literal_eval(line.value) for line in module.body
                 if isinstance(line, ast.Assign) and line.targets[0].id == "__all__")
    return ("# Python\nThe module `cloudmask`; [cloudmask from Python](python.md) says how to install and to use it. `Floats` are\n"
            "NumPy arrays of float32, `Codes` of uint8.\n\n" +
            "".join(f"::: cloudmask.{name}\n\n" for name in names if not name.startswith("_")))


def cpp_files():
    """The reference of the headers, whole pages of Doxygen's own. Its warnings are errors."""
    folder = PROGRAM.parent / "api"
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run(["doxygen", PROGRAM.parent / "Doxyfile"], capture_output=True, text=True)
    if done.returncode != 0:
        raise PluginError(f"doxygen finds faults in the public headers:\n{done.stderr}")
    return {path.relative_to(folder.parent).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def on_files(files, config):
    files.append(File.generated(config, "commands.md", content=commands_page()))
    files.append(File.generated(config, "keys.md", content=keys_page()))
    files.append(File.generated(config, "python_api.md", content=python_page()))
    for name, path in cpp_files().items():
        files.append(File.generated(config, name, abs_src_path=str(path.resolve())))
    return files
