# What people type and what CI runs. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help
help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY)  ## Make the virtual environment in .venv (does nothing when it is up to date)

$(READY): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CPython 3.11 or later is needed: make PYTHON=python3.12 setup")'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

.PHONY: lock
lock: setup  ## Pin the newest allowed requirements, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file requirements/dev.txt requirements/dev.in

.PHONY: demo
demo: setup  ## Watch HAVN's whole integration flow between the client and the sandbox
	@$(BIN)/python scripts/demo.py

.PHONY: test
test: setup  ## Run every test
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n auto -q
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

.PHONY: test-pythons
test-pythons: setup  ## Run every test on each other supported CPython that the machine has
	@scripts/test_pythons 3.11 3.12 3.13 3.14

.PHONY: lint
lint: setup lint-spec  ## Check format, style, types and the contract
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/basedpyright

.PHONY: format
format: setup  ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

.PHONY: lint-spec
lint-spec: setup  ## Check openapi.yaml against OpenAPI 3.1 and against our own rules
	@$(BIN)/python scripts/lint_spec.py

.PHONY: generate
generate: setup  ## Generate generated/havn_api from openapi.yaml
	@$(BIN)/python scripts/generate.py

.PHONY: check-generated
check-generated: setup  ## Fail unless generated/ is what openapi.yaml gives, to the byte
	@$(BIN)/python scripts/generate.py --check

.PHONY: spec-diff
spec-diff: setup  ## Print what changed in the contract since BASE=<git rev>; fail when a change breaks
	@$(BIN)/python scripts/spec_diff.py $(or $(BASE),HEAD)
