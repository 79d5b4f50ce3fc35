# Zhengda's workshop. `make run` and `make test` need nothing but Python 3.11 or newer.

# The oldest supported Python comes first: it is the one that constraints.txt was made with.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# Tests wait a lot: two processes share them, a file at a time and in order, as the long ones come first.
JOBS ?= 2
SHARED := -n $(JOBS) --dist loadfile --no-loadscope-reorder
# Machine code of the matching index, kept beside it: compiled here, the first start does not wait for it.
COMPILE = $(BIN)/python -c "from streams.matching.packed import warm_up; warm_up()"
BENCHMARKS := $(filter-out benchmarks/_% benchmarks/labels.py, $(wildcard benchmarks/*.py))
LABELLED ?= ../shared/data

.PHONY: help run test test-slow test-all lint format bench bench-labels kafka smsc pins clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/.stamp-run  ## start the service and show the addresses to open
	@exec $(BIN)/zhengda up

test: lint  ## style, types, the import law, and every test that takes seconds
	$(BIN)/pytest -m "not slow" $(SHARED)

test-slow: .venv/.stamp-dev  ## crash, soak and load tests: minutes
	$(BIN)/pytest -m "slow and not alone" $(SHARED)
	$(BIN)/pytest -m "slow and alone"

test-all: test test-slow  ## both

lint: .venv/.stamp-dev  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.stamp-dev  ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.stamp-dev  ## every benchmark, one after another
	@for file in $(BENCHMARKS); do echo "== $$file"; $(BIN)/python $$file || exit 1; done

bench-labels: .venv/.stamp-dev  ## labels of real documents against labels made by reading (LABELLED=directory)
	@$(BIN)/python benchmarks/labels.py $(LABELLED)

kafka:  ## bring Kafka's server jars (needs Java 17 and Maven)
	@scripts/kafka-jars.sh

smsc:  ## bring the SMSC that tests bind to (needs node and npm)
	@npm ci --prefix tests/servers/smsc --no-audit --no-fund

pins: .venv/.stamp-dev  ## write what is installed now into constraints.txt
	@{ echo "# Exact versions of everything in the development environment. Made by \`make pins\`."; \
	   $(BIN)/pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==[^ ]+$$'; } > constraints.txt.new
	@mv constraints.txt.new constraints.txt
	@touch .venv/.stamp-run .venv/.stamp-dev

clean:  ## remove what was made here, the data excepted
	rm -rf .venv *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache kafka/target
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Zhengda needs Python 3.11 or newer with its venv module, and none was found (Debian: python3-venv; or: make PYTHON=/path/to/python3.11 ...)."; exit 1; }
	@$(PYTHON) -m venv .venv

# Set-up happens once; it is done again only when what is to be installed has changed.
.venv/.stamp-run: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing Zhengda into .venv (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	@$(COMPILE)
	@touch $@

.venv/.stamp-dev: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing Zhengda and its tools into .venv (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(COMPILE)
	@touch .venv/.stamp-run $@
