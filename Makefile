# The commands of the README. Each installs what it needs into .venv first.

PYTHON ?= python3
OUT ?= ..
ARGS ?=
BIN := .venv/bin
# One process for each core; the tests of a file share what they bake and install.
PYTEST := $(BIN)/pytest -n auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help new test test-fast test-azure-faults lint bench clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

new: .venv/.new ## Generate a project beside this repository (OUT=folder, ARGS="--no-input key=value")
	@mkdir -p "$(OUT)" && test -w "$(OUT)" || { echo "OUT=$(OUT) is no folder that you can write to: choose another." >&2; exit 1; }
	@$(BIN)/cookiecutter --output-dir "$(OUT)" "$(CURDIR)" $(ARGS)

test: .venv/.test ## Run every test
	$(PYTEST) --hypothesis-profile=thorough $(ARGS)

test-fast: .venv/.test ## Run the tests that install nothing
	$(PYTEST) -m "not slow" $(ARGS)

test-azure-faults: .venv/.test ## Let every call of the provisioning scripts fail in every way (an hour)
	AZURE_FAULTS=all $(BIN)/pytest -n auto tests/azure/test_faults.py $(ARGS)

lint: .venv/.test ## Check this repository's own code
	$(BIN)/ruff check
	$(BIN)/ruff format --check

bench: .venv/.test ## Measure the budgets of docs/performance.md
	$(BIN)/python tests/bench.py $(ARGS)

clean: ## Remove the virtual environment and caches
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis

.venv/.pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer: set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

.venv/.%: pyproject.toml | .venv/.pip
	$(BIN)/pip install --quiet --group $*
	@touch $@
