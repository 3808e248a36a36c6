"""What of CUDA a build takes: that of LibTorch's own major version or none. LibTorch and toolkits are made up: the find
module only looks at names, headers, and the runtime that libc10_cuda.so names."""

import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]

PROJECT = """
cmake_minimum_required(VERSION 3.24)
project(probe LANGUAGES CXX)
list(APPEND CMAKE_MODULE_PATH {source}/cmake)
find_package(LibTorch REQUIRED)
foreach(target LibTorch::CUDA LibTorch::NCCL)
  if(TARGET ${{target}})
    message(STATUS "has ${{target}}")
  endif()
endforeach()
message(STATUS "headers: ${{LibTorch_CUDART_INCLUDE_DIR}}")
"""


def write(file, text=""):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def write_toolkit(folder, version):
    write(folder / "include/crt/host_config.h")
    write(folder / "include/cuda_runtime_api.h", f"#define CUDART_VERSION  {version}\n")
    write(folder / "include/nv/target")
    write(folder / "include/nccl.h")
    write(folder / f"lib64/libcudart.so.{version // 1000}")


@pytest.fixture
def configure(tmp_path):
    torch = tmp_path / "torch"
    write(torch / "include/torch/csrc/api/include/torch/torch.h")
    write(torch / "include/torch/headeronly/version.h",
          "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 11\n#define TORCH_VERSION_PATCH 0\n")
    for name in ("torch", "torch_cpu", "c10", "torch_cuda"):
        write(torch / f"lib/lib{name}.so")
    write(torch / "lib/libc10_cuda.so", "\0\1libcudart.so.98\0GLIBC\0")
    write(tmp_path / "project/CMakeLists.txt", PROJECT.format(source=SOURCE))

    def run(toolkit):
        return subprocess.run(["cmake", "-S", tmp_path / "project", "-B", tmp_path / "build", f"-DTORCH_DIR={torch}"],
                              env={"PATH": "/usr/bin:/bin", "CUDA_HOME": str(toolkit)}, check=True, capture_output=True,
                              text=True).stdout
    return run


def test_a_toolkit_of_another_major_version_is_not_taken(configure, tmp_path):
    write_toolkit(tmp_path / "other", 97020)
    said = configure(tmp_path / "other")
    assert f"{tmp_path}/other has the headers of CUDA 97, but this LibTorch is for CUDA 98: not taken" in said
    assert "neither graphs nor NCCL" in said
    assert "has LibTorch::" not in said


def test_a_toolkit_of_its_own_major_version_is_taken(configure, tmp_path):
    write_toolkit(tmp_path / "own", 98010)
    said = configure(tmp_path / "own")
    assert "has LibTorch::CUDA" in said
    assert "has LibTorch::NCCL" in said
    assert f"headers: {tmp_path}/own/include" in said
