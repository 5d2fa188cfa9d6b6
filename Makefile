# Everything runs from a virtual environment in .venv made of the hashed lock; nothing else is needed than
# Python >= 3.11 with pip, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SIDE_BY_SIDE := -n 2 --dist loadfile
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help run test check format install faults bench migrate lock clean browser office compiler

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

run: $(VENV)/.runtime ## set up and run the bot; without BOT_TOKEN the demo on http://127.0.0.1:8080
	@$(BIN)/python -m compileall -q plans
	$(BIN)/python -m bot

test: $(VENV)/.dev ## all tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: $(VENV)/.dev ## format, lint, types, import contracts, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

format: $(VENV)/.dev ## put the code into its form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

install: $(VENV)/.runtime $(VENV)/.dev ## only set up

faults: $(VENV)/.dev ## kills, power cuts, full disks, wrong clocks against the real process (FAULTS=long: the long form)
	@rm -rf .faults
	$(BIN)/python -m pytest $(if $(filter long,$(FAULTS)),-s,$(SIDE_BY_SIDE)) tests/faults
	@$(BIN)/python -m tests.faults.figures

bench: $(VENV)/.dev ## ratios against floors and peers
	$(BIN)/python -m benchmarks

migrate: $(VENV)/.runtime ## bring the database up to the code
	$(BIN)/python -m bot migrate

lock: $(VENV)/.dev ## write the hashed locks anew (needs uv in the environment)
	uv pip compile --universal --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -q requirements.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -q requirements-dev.in -o requirements-dev.lock

browser: ## Debian's chromium for the browser tests (as root)
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core fonts-noto-color-emoji

office: ## Debian's LibreOffice for the tests that save orders in every format (as root)
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libreoffice-writer-nogui libreoffice-calc-nogui fonts-liberation fonts-dejavu-core

compiler: ## Debian's C compiler for the fault tests that cut the power and move the clock (as root)
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev

clean: ## remove what can be made again (not the data)
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Нужен Python 3.11 или новее: укажите PYTHON=/путь/к/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null \
	  || { rm -rf $(VENV); $(PYTHON) -m pip install --quiet --target .tools virtualenv && PYTHONPATH=.tools $(PYTHON) -m virtualenv --quiet $(VENV); }

$(VENV)/.runtime: requirements.lock | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@
