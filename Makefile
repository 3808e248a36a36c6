# The front door. Every target sets up what it needs first and says what it installs; `make help` lists them.
# LibTorch comes from PyPI, or from TORCH_DIR=<unpacked LibTorch 2.11 to 2.13>.
SHELL := /bin/bash
BUILD := build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=
BENCH_FLAGS ?=
COMPARE_FLAGS ?=
SCALING_FLAGS ?=
SETUP := BUILD=$(BUILD) tools/setup.sh
PYTHON := $(BUILD)/venv-test/bin/python
CONFIGURE := BUILD=$(BUILD) tools/configure.sh

.DEFAULT_GOAL := help
.PHONY: help setup demo build test bench bench-fetch bench-product accuracy compare variations scaling faults slurm parity \
        parity-products python python-check docs core lint lint-torch sanitize coverage model package package-check install clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: ## install what building needs (says first what it installs)
	$(SETUP) build

build: setup ## the program, build/cloudmask
	$(CONFIGURE) $(BUILD) $(CMAKE_FLAGS)
	cmake --build $(BUILD) --target cloudmask -j $(JOBS)

demo: build ## make scenes, train, find clouds, score, report: 10 minutes at most
	tools/demo.sh $(BUILD)/cloudmask demo

test: ## set up, build and run all tests
	$(SETUP) build test
	$(CONFIGURE) $(BUILD) -DCLOUDMASK_PYTHON=ON $(CMAKE_FLAGS)
	cmake --build $(BUILD) -j $(JOBS)
	ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)
	$(PYTHON) tools/check_sources.py

bench: build ## how fast this machine is, beside PyTorch and TensorFlow (installs them; an hour)
	$(SETUP) bench
	tools/bench.sh $(BUILD)/cloudmask
	$(BUILD)/venv-bench/bin/python bench/compare.py --program $(BUILD)/cloudmask \
	  --python $(BUILD)/venv-bench/bin/python --folder $(BUILD)/bench $(BENCH_FLAGS)

bench-fetch: build ## how fast `fetch` is beside aws and rclone (installed into build/venv-fetch)
	$(SETUP) bench_fetch
	python3 bench/fetch.py --program $(BUILD)/cloudmask --tools $(BUILD)/venv-fetch/bin --folder $(BUILD)/bench-fetch $(BENCH_FLAGS)

bench-product: build ## from a full-size product to a CF mask, beside satpy (installed into build/venv-products)
	$(SETUP) products
	python3 bench/product.py --program $(BUILD)/cloudmask --python $(BUILD)/venv-products/bin/python --folder $(BUILD)/bench-product $(BENCH_FLAGS)

accuracy: build ## how good the masks are on scenes never seen (about half an hour)
	$(SETUP) test
	$(PYTHON) bench/accuracy.py --program $(BUILD)/cloudmask --folder $(BUILD)/accuracy

compare: build ## every method on the same unseen scenes; COMPARE_FLAGS="--methods ... --seeds ..."
	$(SETUP) test
	$(PYTHON) bench/methods.py --program $(BUILD)/cloudmask --folder $(BUILD)/compare $(COMPARE_FLAGS)

variations: compare ## what each method loses on scenes with other noise, other optics, other labels (after compare)
	$(PYTHON) bench/variations.py --program $(BUILD)/cloudmask --folder $(BUILD)/compare $(COMPARE_FLAGS)

scaling: build ## strong and weak scaling on this machine, and a forecast; SCALING_FLAGS="--ranks ... --hosts ..."
	python3 bench/scaling.py --program $(BUILD)/cloudmask --folder $(BUILD)/scaling $(SCALING_FLAGS)

faults: build ## kill and stop random ranks of trainings, 20 times: each must end by name and resume (10 minutes)
	python3 tests/ranks/kill_ranks.py --program $(BUILD)/cloudmask --folder $(BUILD)/faults

slurm: build ## srun and sbatch on a Slurm of this machine's own, as root (4 minutes)
	$(SETUP) test
	CLOUDMASK_PROGRAM=$(BUILD)/cloudmask CLOUDMASK_ALL_OF_SLURM=1 \
	  $(PYTHON) -m pytest -q -p no:cacheprovider tests/end_to_end/test_slurm.py

parity: build ## compare with the reference network in TensorFlow (installed into build/venv-parity)
	$(SETUP) parity
	cmake --build $(BUILD) --target parity_probe -j $(JOBS)
	$(BUILD)/venv-parity/bin/python tests/parity/parity.py --probe $(BUILD)/tests/parity_probe --program $(BUILD)/cloudmask

parity-products: build ## compare what is read from products with satpy (installed into build/venv-products)
	$(SETUP) products
	cmake --build $(BUILD) --target scene_probe -j $(JOBS)
	$(BUILD)/venv-products/bin/python tests/products/parity.py --probe $(BUILD)/tests/scene_probe \
	  --program $(BUILD)/cloudmask $(if $(GRANULE),--granule $(GRANULE))

core: ## cloudmask-bench with LibTorch alone (docs/gpu.md), built in build-core and run small on the CPU
	$(SETUP) build
	BUILD=$(BUILD) JOBS=$(JOBS) tools/test_core.sh

python: ## the Python module, installed by pip into build/venv-python; says how to use it
	$(SETUP) python
	BUILD=$(BUILD) tools/install_python.sh

python-check: build python ## the same, timed and tested there
	BUILD=$(BUILD) tools/test_wheel.sh

docs: build ## the site of docs/ with the references, in build/site (doxygen; mkdocs, installed into build/venv-docs)
	$(SETUP) docs
	CLOUDMASK_PROGRAM=$(BUILD)/cloudmask NO_MKDOCS_2_WARNING=1 \
	  $(BUILD)/venv-docs/bin/mkdocs build --strict --site-dir $(BUILD)/site

lint: ## format, layers and budgets, clang-tidy over all that does not use torch
	$(SETUP) build test lint
	$(CONFIGURE) $(BUILD)-lint -DCLOUDMASK_PYTHON=ON -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON # clang cannot read GCC's
	tools/lint.sh $(BUILD) fast

lint-torch: ## clang-tidy over the files that use torch (slow)
	$(SETUP) build lint
	$(CONFIGURE) $(BUILD)-lint -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON
	tools/lint.sh $(BUILD) torch

sanitize: ## unit tests under the address and undefined-behaviour sanitizers, in build-sanitize
	$(SETUP) build
	$(CONFIGURE) build-sanitize -DCLOUDMASK_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=RelWithDebInfo
	cmake --build build-sanitize -j $(JOBS)
	ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 ctest --test-dir build-sanitize --output-on-failure -L unit -j $(JOBS)

coverage: ## line coverage of src/ by all tests, in build-coverage; fails below 85 %
	$(SETUP) build test
	$(CONFIGURE) build-coverage -DCLOUDMASK_COVERAGE=ON -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -DNDEBUG" # as LibTorch
	cmake --build build-coverage -j $(JOBS)
	ctest --test-dir build-coverage --output-on-failure -j $(JOBS)
	$(BUILD)/venv-test/bin/gcovr --root . --filter src/ --fail-under-line 85 --print-summary --gcov-ignore-parse-errors=all build-coverage

model: build ## train the network that is shipped, models/cloudmask-synthetic.h5 (models/README.md)
	mkdir -p $(BUILD)/model
	tools/train_model.sh $(BUILD)/cloudmask $(BUILD)/model models/cloudmask-synthetic.h5

package: build ## an archive that runs where it is unpacked, and a .deb, in build/packages (docs/install.md)
	$(SETUP) package
	tools/package.sh $(BUILD)/packages

package-check: package ## the same, and both tried on a bare Debian 12 (root)
	$(SETUP) package_check
	tests/packages/check.sh $(BUILD)/packages

install: build ## into PREFIX (default /usr/local)
	cmake --install $(BUILD) --prefix $(PREFIX)

clean: ## remove what was built
	rm -rf $(BUILD) $(BUILD)-core build-gpu build-sanitize build-coverage
