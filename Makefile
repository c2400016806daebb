# Two commands for a newcomer: `make demo` and `make test`.  Everything runs from .venv, which `setup` makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := timeline topologies scenarios simulator reports blackstart console
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo test services check lint types imports bench prove game-day docs lock clean

help:            ## what can be made
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

setup: $(VENV)/.installed ## the environment in .venv, with locked versions
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing locked packages into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup      ## a full simulated exercise: loss of a data centre at a bank
	@$(BIN)/blackstart run datacentre-loss --out exercises/demo || test $$? -eq 1

services:
	@bash tests/tools/install-services.sh

test: setup services ## the whole suite
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

check: lint types imports ## lint, types, direction of imports
lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
types: setup
	$(BIN)/mypy
imports: setup
	$(BIN)/lint-imports

coverage: setup services ## the suite with branch coverage
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --cov --cov-report=term

bench: setup services ## every claim about speed, measured beside its peer
	@set -e; for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script; done

prove: setup services ## long proofs; figures go to benchmarks/results/
	$(BIN)/python -m pytest -m prove -n $(JOBS)

game-day: setup services ## the shipped stack, really broken: alerts as expected, predicted and observed (root)
	$(BIN)/blackstart stack up
	@$(BIN)/blackstart fidelity game-day-live; status=$$?; $(BIN)/blackstart stack down; exit $$status

docs: setup      ## the user guide as a site, in site/
	$(BIN)/mkdocs build --quiet --strict

lock: setup      ## resolve and lock versions anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade --extra optimise --extra documents --group dev pyproject.toml -o requirements.lock
	@sed -i "1i # Locked by make lock from pyproject.toml; install with pip --require-hashes." requirements.lock

clean:           ## remove the environment and everything generated
	rm -rf $(VENV) exercises site .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
