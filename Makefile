# The commands of the README. Each installs what it needs into .venv first.

PYTHON ?= python3
OUT ?= ..
ARGS ?=
VERSION ?=
BIN := .venv/bin
# One process for each core: tests/support/scheduling.py tells which tests belong together.
PYTEST := $(BIN)/pytest -n auto
# The Python of the release candidates of 2.x: a version, or a path.
PYTHON_NEXT ?= 3.13
# The Azure CLI of the tests; the weekly job takes the newest.
AZURE_CLI ?= 2.91.0
AZURE_CLI_PACKAGE = azure-cli$(if $(AZURE_CLI),==$(AZURE_CLI))

.DEFAULT_GOAL := help
.PHONY: help new demo pictures test test-fast test-azure-all test-updates-all second-opinion prereleases fuzz histories lint bench release clean .venv-azure-cli

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

new: .venv/.new ## Generate a project beside this repository (OUT=folder, ARGS="--no-input key=value")
	@mkdir -p "$(OUT)" && test -w "$(OUT)" || { echo "OUT=$(OUT) is no folder that you can write to: choose another." >&2; exit 1; }
	@$(BIN)/cookiecutter --output-dir "$(OUT)" "$(CURDIR)" $(ARGS)

demo: .venv/.new ## Run an order workflow on this machine, with a page (ARGS="language=typescript pattern=saga")
	@$(BIN)/python -m functions_demo $(ARGS)

pictures: .venv/.test ## Take the pictures of docs/images from a real run of the demo
	$(BIN)/python -m functions_demo.pictures $(ARGS)

test: .venv/.test .venv-azure-cli ## Run every test
	$(PYTEST) --hypothesis-profile=thorough $(ARGS)

test-fast: .venv/.test ## Run the tests that install nothing
	$(PYTEST) -m "not slow" $(ARGS)

test-azure-all: .venv/.test .venv-azure-cli ## Run every combination and every fault of the provisioning scripts (hours)
	AZURE_TESTS=all $(BIN)/pytest -n auto tests/cloud $(ARGS)

test-updates-all: .venv/.test ## Update projects from each language to each other one, and from each pattern
	UPDATE_TESTS=all $(PYTEST) tests/generation/test_updates.py $(ARGS)

second-opinion: .venv/.test .venv-durable-2/.installed ## Run the Python apps on Microsoft's own in-memory backend
	PYTHONPATH=tests/support $(BIN)/python tests/second_opinion/compare.py .venv-durable-2/bin/python

prereleases: .venv/.test ## Look for pre-releases of the SDKs that docs/next-sdks.md does not cover
	PYTHONPATH=tests/support $(BIN)/python tests/second_opinion/prereleases.py

fuzz: .venv/.test ## Generate 10,000 sets of answers and 10,000 requests
	$(PYTEST) -m fuzz --hypothesis-profile=fuzz $(ARGS)

histories: .venv/.test ## Record the histories that the projects replay
	WRITE_HISTORIES=1 $(BIN)/pytest -n 0 tests/projects/test_recordings.py $(ARGS)

lint: .venv/.test ## Check this repository's own code
	$(BIN)/ruff check
	$(BIN)/ruff format --check

bench: .venv/.test ## Measure the budgets of docs/performance.md
	PYTHONPATH=tests/support $(BIN)/python tests/bench.py $(ARGS)

release: ## Commit and tag a release (VERSION=0.1.0); it prints the command that pushes it
	@$(PYTHON) tools/release.py "$(VERSION)"

clean: ## Remove the virtual environments and caches
	rm -rf .demo .venv .venv-azure-cli .venv-durable-2 .pytest_cache .ruff_cache .hypothesis

.venv/.pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer: set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

# The release candidates need Python 3.13; uv finds one, or downloads it.
.venv-durable-2/.installed: tests/second_opinion/requirements.txt | .venv/.test
	$(BIN)/uv venv --quiet --clear --python $(PYTHON_NEXT) $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --prerelease=allow -r $<
	@touch $@

# Its dependencies conflict with those of the tests. Without a network, the tests that need it skip.
.venv-azure-cli: .venv-azure-cli/.azure-cli-$(or $(AZURE_CLI),newest)

.venv-azure-cli/.azure-cli-$(or $(AZURE_CLI),newest): | .venv/.test
	@echo "Installing the Azure CLI for the tests (once, about 700 MB) ..."
	@rm -rf $(@D) && $(PYTHON) -m venv $(@D) \
		&& { $(BIN)/uv pip install --quiet --python $(@D)/bin/python "$(AZURE_CLI_PACKAGE)" \
			|| $(@D)/bin/pip install --quiet "$(AZURE_CLI_PACKAGE)"; } \
		&& touch $@ \
		|| { rm -rf $(@D); echo "The Azure CLI could not be installed: the tests that need it are skipped." >&2; }

.venv/.%: pyproject.toml | .venv/.pip
	$(BIN)/pip install --quiet --group $*
	@touch $@
