#!/usr/bin/env python3
"""Checks what compilers do not: layers, budgets and habits. Run by `make lint` and `make test`.

    tools/check_sources.py [ROOT]

Layers: a file of src/cloudmask/<layer>/ may include only its own layer and those that src/cloudmask/CMakeLists.txt
gives it, directly or through others; app/ and python/ may include any header without torch. Budgets: 400 lines a source file, 150 a
header, 60 a function. Habits: `#pragma once`, no paths of anybody's machine.
"""

import pathlib
import re
import subprocess
import sys

MAX_SOURCE_LINES, MAX_HEADER_LINES, MAX_FUNCTION_LINES = 400, 150, 60
# Spelt in two parts, or this file would be its own finding.
MACHINE_PATHS = re.compile("(?<![A-Za-z0-9_$}.~])/" + "(work|home/[a-z]|root|opt/[a-z])" + "/")


def read_layers(cmake):
    layers = {}
    for name, arguments in re.findall(r"cloudmask_layer\((\w+)([^)]*)\)", cmake.read_text()):
        words = arguments.split()
        uses = words[words.index("LAYERS") + 1:] if "LAYERS" in words else []
        end = [i for i, word in enumerate(uses) if word.isupper()]
        layers[name] = {"uses": uses[:end[0]] if end else uses, "torch": "TORCH" in words}
    return layers


def reachable(layers, name):
    found, todo = {name}, [name]
    while todo:
        for used in layers[todo.pop()]["uses"]:
            if used not in found:
                found.add(used)
                todo.append(used)
    return found


def includes(text):
    return re.findall(r'^#include [<"]([^>"]+)[>"]', text, re.MULTILINE)


def uses_torch(root, header, seen=None):
    seen = set() if seen is None else seen
    if header in seen:
        return False
    seen.add(header)
    if re.match(r"(torch|ATen|c10)/", header):
        return True
    file = root / "src" / header
    return file.exists() and any(uses_torch(root, inner, seen) for inner in includes(file.read_text()))


def check_layers(root, layers, file):
    layer = file.relative_to(root / "src/cloudmask").parts[0]
    for header in includes(file.read_text()):
        if layer in {"app", "python"} or layer in layers and not layers[layer]["torch"]:
            if uses_torch(root, header):
                yield f"{file}: includes {header}, which needs torch; layer {layer} does without"
        match = re.match(r"cloudmask/(\w+)/", header)
        if match and layer in layers and match[1] not in reachable(layers, layer):
            yield f"{file}: layer {layer} includes {header}; CMakeLists.txt gives it only {', '.join(layers[layer]['uses'])}"


def check_budgets(file):
    lines = file.read_text().splitlines()
    limit = MAX_HEADER_LINES if file.suffix == ".h" else MAX_SOURCE_LINES
    if len(lines) > limit:
        yield f"{file}: {len(lines)} lines, at most {limit}"
    start = None
    for number, line in enumerate(lines, 1):
        # clang-format puts a function's first line in column 0 (or 2 inside a class) and its closing brace below it.
        if re.match(r"(  )?[A-Za-z].*\) .*\{$|(  )?[A-Za-z].*\) \{$", line) and not re.match(r"\s*(namespace|class|struct|enum)", line):
            start = (number, len(line) - len(line.lstrip()))
        elif start and line.startswith(" " * start[1] + "}"):
            if number - start[0] > MAX_FUNCTION_LINES and not line.strip().startswith("};"):
                yield f"{file}:{start[0]}: function of {number - start[0]} lines, at most {MAX_FUNCTION_LINES}"
            start = None


def check_habits(file):
    text = file.read_text(errors="replace")
    if file.suffix == ".h" and "#pragma once" not in text:
        yield f"{file}: header without #pragma once"
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATHS.search(line):
            yield f"{file}:{number}: a path of one machine: {line.strip()[:80]}"


def tracked_files(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=False)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    files = [root / name for name in names] if names else [path for path in root.rglob("*") if path.is_file()]
    return [file for file in files if file.exists() and file.suffix not in {".png", ".h5", ".keras", ".hdf"}]


def check(root):
    layers = read_layers(root / "src/cloudmask/CMakeLists.txt")
    findings = []
    for file in tracked_files(root):
        if file.name != "config_file_test.cpp":  # it tests `~` with a made-up home
            findings += check_habits(file)
        if file.suffix in {".cpp", ".h"}:
            findings += check_budgets(file)
            if file.is_relative_to(root / "src/cloudmask"):
                findings += check_layers(root, layers, file)
    return findings


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    findings = check(root if root.is_dir() else root.parent.parent)
    print("\n".join(findings) if findings else "sources: layers, budgets and habits are kept")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
