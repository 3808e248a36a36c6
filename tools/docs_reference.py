"""A hook of mkdocs: the pages commands.md and keys.md, made of what the program CLOUDMASK_PROGRAM says of itself."""

import os
import re
import subprocess

from mkdocs.structure.files import File

KEY = re.compile(r"^  (\w+) +(\(nothing\)|\S+) +(.+)\n +(.+)$", re.MULTILINE)


def help_of(*command):
    program = os.environ.get("CLOUDMASK_PROGRAM", "build/cloudmask")
    done = subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True)
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


def on_files(files, config):
    files.append(File.generated(config, "commands.md", content=commands_page()))
    files.append(File.generated(config, "keys.md", content=keys_page()))
    return files
