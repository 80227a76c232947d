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
test: setup  ## Run every test that needs nothing but Python
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n auto -q --ignore tests/e2e
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

.PHONY: test-all
test-all: test test-browser test-outside contract  ## Run every test there is

.PHONY: test-browser
test-browser: setup  ## Try the sandbox's page and the documents' site in a real browser (Debian: installs chromium when it is missing)
	@$(BIN)/python -m pytest -q tests/e2e

.PHONY: screenshots
screenshots: setup  ## Take the pictures of docs/images anew
	@HAVN_KEEP_SCREENSHOTS=1 $(BIN)/python -m pytest -q tests/e2e/test_screenshots.py

.PHONY: test-outside
test-outside: setup  ## Install the wheel in a project elsewhere and run the examples of docs/en/testing.md there
	@scripts/test_outside

.PHONY: docs
docs: setup  ## Build the documents' site, English and Indonesian, into build/docs
	@$(BIN)/python scripts/build_docs.py

.PHONY: pictures
pictures: setup  ## Draw the diagrams of docs/images anew
	@$(BIN)/python scripts/pictures

.PHONY: contract
contract: setup  ## Say where the server of HAVN_BASE_URL differs from openapi.yaml (with none named: a sandbox)
	@$(BIN)/python scripts/contract_report.py

.PHONY: contract-deep
contract-deep: setup  ## Try the contract at length: the sandbox with thousands of generated calls
	@HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -q -n auto tests/contract

.PHONY: mutants
mutants: setup  ## Plant bugs one at a time, and show that the tests see each of them
	@$(BIN)/python scripts/mutants.py

.PHONY: mutation
mutation: setup  ## Let mutmut change the rules, and name each change that no test notices
	@$(BIN)/python scripts/mutation.py

.PHONY: crash
crash: setup  ## Kill the outbox's processes a thousand times, and see whether the books agree
	@$(BIN)/python scripts/crash --kills 1000 --require-services

.PHONY: crash-quick
crash-quick: setup  ## The same with fifty kills: each blow once, databases and numbers of workers in turn
	@$(BIN)/python scripts/crash --kills 50 --thin

.PHONY: demo-outbox
demo-outbox: setup  ## Watch a shop and HAVN agree though everything is killed
	@$(BIN)/python scripts/demo_outbox.py

.PHONY: bench
bench: setup  ## Measure every row of docs/en/benchmarks.md (needs nginx; Debian: nginx-light)
	@$(BIN)/python scripts/bench

.PHONY: bench-check
bench-check: setup  ## Fail when a row of the benchmark is above its bound three times in a row
	@$(BIN)/python scripts/bench --check

.PHONY: bench-outbox
bench-outbox: setup  ## Measure what the outbox costs (needs nginx and PostgreSQL; takes minutes)
	@$(BIN)/python scripts/bench/outbox

.PHONY: bench-outbox-check
bench-outbox-check: setup  ## Fail when a figure of the outbox is above its bound three times in a row
	@$(BIN)/python scripts/bench/outbox --check

.PHONY: bench-limits
bench-limits: setup  ## Measure how well four processes keep within a shared limit (Redis, PostgreSQL)
	@$(BIN)/python scripts/bench/limits.py

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
