"""Each rule of tools/check_sources.py fires."""

import importlib.util
import pathlib

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/check_sources.py"
spec = importlib.util.spec_from_file_location("check_sources", TOOL)
check_sources = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_sources)


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "src/cloudmask"
    for layer in ("base", "scene", "tensor", "app"):
        (folder / layer).mkdir(parents=True)
    (folder / "CMakeLists.txt").write_text("cloudmask_layer(base)\ncloudmask_layer(scene LAYERS base)\n"
                                           "cloudmask_layer(tensor LAYERS base TORCH)\n")
    (folder / "base/fine.h").write_text("#pragma once\n")
    (folder / "tensor/device.h").write_text("#pragma once\n#include <torch/torch.h>\n")
    return tmp_path


@pytest.mark.parametrize("file,text,finding", [
    ("base/a.cpp", '#include "cloudmask/scene/scene.h"\n', "layer base includes"),
    ("scene/a.cpp", "#include <torch/torch.h>\n", "needs torch"),
    ("app/a.cpp", '#include "cloudmask/tensor/device.h"\n', "needs torch"),
    ("base/a.h", "int a();\n", "#pragma once"),
    ("base/a.cpp", "\n" * 401, "at most 400"),
    ("base/a.h", "#pragma once\n" + "\n" * 150, "at most 150"),
    ("base/a.cpp", "int f() {\n" + "  g();\n" * 70 + "}\n", "function of"),
    ("base/a.cpp", 'const char* a = "' + "/wo" + 'rk/main";\n', "a path of one machine"),
])
def test_rule_fires(tree, file, text, finding):
    (tree / "src/cloudmask" / file).write_text(text)
    findings = check_sources.check(tree)
    assert len(findings) == 1 and finding in findings[0], findings


def test_clean_tree_has_no_finding(tree):
    (tree / "src/cloudmask/scene/a.cpp").write_text('#include "cloudmask/base/fine.h"\n')
    assert check_sources.check(tree) == []
