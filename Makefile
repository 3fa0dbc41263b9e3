# Two commands do everything: `make run` and `make test`. Nothing is assumed but Python, pip, make,
# and for the tests a C compiler.
# A system's own Python was built with a profile, and takes a sixth less for the same; one compiled on
# the spot mostly was not. It is taken where it can make an environment and be compiled for.
# `make PYTHON=...` takes another.
SYSTEMS_PYTHON := /usr/bin/python3
SERVES := import ensurepip, os, sys, sysconfig; \
  sys.exit(sys.version_info < (3, 11) or not os.path.exists(sysconfig.get_path("include") + "/Python.h"))
PYTHON ?= $(shell $(SYSTEMS_PYTHON) -c '$(SERVES)' 2>/dev/null && echo $(SYSTEMS_PYTHON) || echo python3)
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
WORKERS ?= 3
# Each process that is started would compile the whole package again.
unexport PYTHONDONTWRITEBYTECODE

CLIENTS := tests/clients
EXAMPLES := docs/examples

CHECKS := check-format check-lint check-types check-imports check-schema check-tests

.PHONY: run setup packages compiled test test-pycasbin test-clients node client-packages check $(CHECKS) \
  chance fuzz mutants bench format clean

run: $(VENV)/.ready
	@exec $(BIN)/bailiwick run

setup: $(VENV)/.ready

# Everything that is fetched from elsewhere: none of it waits for the other (`make -j packages`).
packages: $(VENV)/.ready-dev client-packages

# What computes the most, in C, for this machine's Python. Nothing needs it; a replay takes two thirds.
compiled: $(VENV)/.ready-dev
	$(BIN)/python deploy/compile_replay.py

test: compiled
	$(BIN)/python -m pytest $(TESTS) -n $(WORKERS) -q

# Clients of others' making against the real server. Needs Node.js and npm; nothing else here does.
test-clients: packages
	$(BIN)/python -m pytest $(CLIENTS) -n 0 -q

client-packages: node $(CLIENTS)/node_modules/.ready $(EXAMPLES)/node_modules/.ready \
  $(CLIENTS)/build/python/.ready

node:
	@node -e 'process.exit(Number(parseInt(process.versions.node) < 20))' && npm --version >/dev/null || \
	  { echo "make test-clients needs Node.js 20 or newer with npm: the clients it runs are theirs." >&2; exit 1; }

# The same authorisation on the other distribution of casbin, which a migration to it would bring.
test-pycasbin: build/pycasbin/.ready
	build/pycasbin/bin/python -m pytest tests/policies/access -n $(WORKERS) -q

check: $(CHECKS)

check-types: $(VENV)/.ready-dev
	$(BIN)/mypy

check-format: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .

check-lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .

check-imports: $(VENV)/.ready-dev
	$(BIN)/lint-imports

check-schema: $(VENV)/.ready-dev
	$(BIN)/python -m service.schema.printed --check
	$(BIN)/python -m service.schema.linting

# Every test can be loaded. What is compiled on the way is found by the workers that run them, each of
# which would compile all of it beside the other.
check-tests: $(VENV)/.ready-dev
	@mkdir -p build
	$(BIN)/python -m pytest $(TESTS) --collect-only -qq >build/collected.txt || \
	  { cat build/collected.txt; exit 1; }

# The properties on examples nobody has seen yet, in another order. What it finds becomes an
# `@example` of its test.
chance: $(VENV)/.ready-dev
	CHANCE=free $(BIN)/python -m pytest $(TESTS) -n $(WORKERS) -q --randomly-seed=default

# Random stories against a second showroom, written from the rulebook's tables alone.
fuzz: $(VENV)/.ready-dev
	@$(BIN)/python -m tests.model 10000

# How many small falsifications of each shipped rulebook its own tests catch, and which survive.
mutants: $(VENV)/.ready-dev
	@$(BIN)/python -m tests.packs

bench: compiled
	@$(BIN)/python -m tests.benchmarks

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build service/replay/compiled* $(CLIENTS)/node_modules $(CLIENTS)/build $(EXAMPLES)/node_modules

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed')"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

%/node_modules/.ready: %/package-lock.json %/package.json
	npm --prefix $* ci --no-audit --no-fund --no-update-notifier
	@touch $@

$(CLIENTS)/build/python/.ready: $(CLIENTS)/python/requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

build/pycasbin/.ready: requirements-dev.txt requirements-pycasbin.txt
	rm -rf build/pycasbin
	$(PYTHON) -m venv build/pycasbin
	build/pycasbin/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	build/pycasbin/bin/python -m pip uninstall --quiet --yes casbin
	build/pycasbin/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-pycasbin.txt
	@touch $@
