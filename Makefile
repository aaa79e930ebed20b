# What a person does with this folder, one command each. `make` alone lists them.
# Assumed: Debian 12 or another system with python3 >= 3.11, make and git, and a way to the Python package index.
# pip itself lies in requirements/, because Debian's python3 comes without it (no python3-venv, no python3-pip needed).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python $(wildcard requirements/pip-*.whl)/pip --disable-pip-version-check --quiet --quiet
RUN := $(VENV)/run.stamp
DEV := $(VENV)/dev.stamp
PEERS := $(VENV)/peers.stamp
PROGRAMS := connector tests benchmarks scripts
LOCK := $(BIN)/python -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-emit-options --no-header

# make demo PLATFORM=openedx LEARNERS=600 makes up so many learners; ARGS is handed on as it is.
PLATFORM ?=
LEARNERS ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help venv demo test check lint coverage-gate generate bench faults fortnight lock changelog ratio clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

demo: $(RUN) ## run the whole job once on the sample rosters against the sandbox (LEARNERS=600, PLATFORM=openedx)
	@$(BIN)/connector demo $(if $(PLATFORM),--platform $(PLATFORM)) $(if $(LEARNERS),--learners $(LEARNERS)) $(ARGS)

test: $(DEV) ## run all tests (ARGS="tests/sync -k plan" runs some)
	@$(BIN)/python -m pytest $(ARGS)

check: lint ## all that CI runs: form, types, imports, dependencies, fragments, then the tests with the coverage gate
	@$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term --cov-report=json:$(VENV)/coverage.json"
	@$(MAKE) --no-print-directory coverage-gate

lint: $(DEV)
	$(BIN)/ruff format --check --quiet $(PROGRAMS)
	$(BIN)/ruff check --quiet $(PROGRAMS)
	$(BIN)/mypy --no-error-summary $(PROGRAMS)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m scripts.direct_requirements $(VENV)/direct
	$(BIN)/deptry connector --no-ansi
	$(BIN)/towncrier build --draft --version next > /dev/null

# Silent when all is well, so that the log of `make check` ends in pytest's summary.
coverage-gate: $(DEV)
	@$(BIN)/python -m scripts.coverage_gate $(VENV)/coverage.json

generate: $(DEV) ## write the generated files anew: config example, docs/reference, message catalogue
	@$(BIN)/python -m scripts.generate

bench: $(PEERS) ## measure what README and docs/benchmarks.md claim
	@$(BIN)/python -m benchmarks $(ARGS)

faults: $(DEV) ## run the fault campaign: 200 programmes under faults and kills, each compared (PLATFORM=openedx)
	@$(BIN)/python -m benchmarks.faults $(if $(PLATFORM),--platform $(PLATFORM)) $(ARGS)

fortnight: $(DEV) ## run the whole service through a programme in accelerated time, and judge it from outside
	@$(BIN)/python -m benchmarks.fortnight $(ARGS)

ratio: $(DEV) ## show the lines of tests for each line of code (1.0 to 1.7 is the house's number)
	@$(BIN)/python -m scripts.ratio

venv: $(DEV) ## make .venv with everything for development

lock: $(DEV) ## resolve the dependencies of setup.cfg anew into requirements/*.txt, with hashes
	$(LOCK) --build-deps-for editable --output-file requirements/run.txt pyproject.toml
	$(LOCK) --extra test,check,sign,bench --constraint requirements/run.txt --output-file requirements/dev.txt pyproject.toml

changelog: $(DEV) ## move the fragments of changelog.d/ into CHANGELOG.md (VERSION=0.2.0)
	$(BIN)/towncrier build --yes --version $(VERSION)

clean: ## delete the virtual environment and all caches; var/ (the service's own data) stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "connector needs Python 3.11 or newer; say which: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --without-pip $(VENV)

$(RUN): requirements/run.txt pyproject.toml setup.cfg | $(BIN)/python
	@echo "installing what the service needs into $(VENV) ..."
	@$(PIP) install --require-hashes --only-binary :all: --requirement requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@echo "installing what the tests and checks need into $(VENV) ..."
	@$(PIP) install --require-hashes --only-binary :all: --requirement requirements/dev.txt
	@touch $@

$(PEERS): $(DEV) requirements/peers.txt
	@$(PIP) install --require-hashes --only-binary :all: --no-deps --upgrade --target $(VENV)/peers \
		--requirement requirements/peers.txt
	@touch $@
