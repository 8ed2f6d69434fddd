# `make help` lists what there is. Nothing here needs anything but Python ≥ 3.11, pip, Node with npm, git and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Some images forbid bytecode: each start would compile three thousand files again (5 s of processor).
unexport PYTHONDONTWRITEBYTECODE

# The first Python that is new enough; PYTHON=… chooses another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/python -m flask --app app
SERVE := $(BIN)/python -m app.cli.serving
PORT ?= 5000
JOBS ?= 2

# The demo lives in its own folder: it never touches a database of yours.
DEMO_FOLDER := instance/demo
ACCOUNTS = $(DEMO_FOLDER)/accounts-$(PORT).txt
DEMO := env -u DATABASE_URL -u PASSERELLE_DATABASE_URL PASSERELLE_DEMO=1 \
	PASSERELLE_INSTANCE="$(CURDIR)/$(DEMO_FOLDER)" PASSERELLE_PUBLIC_URL=http://127.0.0.1:$(PORT)

.PHONY: help demo run test check fix journeys schedules mutations sentences bench migrate lock clean runtime dev front-end

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: runtime front-end ## the demo territory, one matching run, the accounts, the site on http://127.0.0.1:5000 (FULL=1: all 1,722 students)
	@test -f $(DEMO_FOLDER)/passerelle.db || { mkdir -p $(DEMO_FOLDER); rm -f $(DEMO_FOLDER)/accounts-*.txt; }
	@$(MAKE) -s $(ACCOUNTS)
	@cat $(ACCOUNTS)
	@echo "http://127.0.0.1:$(PORT) (Ctrl-C pour arrêter)"
	@exec $(DEMO) $(SERVE) --demo --port $(PORT)

run: runtime front-end ## the site on your own database (instance/), brought up to date first
	@$(FLASK) db upgrade
	@exec $(SERVE) --port $(PORT)

test: dev front-end ## every test, journeys included; says what it skips and why
	@$(BIN)/python -m scripts.equipment
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -rs

journeys: dev front-end ## only the journeys in a real Chromium; renews the README's pictures
	@$(BIN)/python -m scripts.equipment
	@$(BIN)/python -m pytest -m journey -rs
	@for name in $(PICTURES); do cp journeys-output/$$name.png docs/pictures/; done
PICTURES := student-interests-phone student-phone student-placed-phone teacher-phone head-desk host-desk \
	coordinator-desk coordinator-run-desk family-phone observer-desk admin-desk \
	signing-done-phone agreement-signed-desk host-alert-phone class-list-preview-desk signing-ar-phone \
	family-slip-phone

schedules: dev ## 100,000 generated schedules: the engine of the rules against an independent table (3 minutes)
	SCHEDULES=100000 $(BIN)/python -m pytest tests/regulations/test_schedules.py -q --durations=1

mutations: dev ## 10,000 damaged files of each format that people drop: read or refused, never half imported (15 minutes)
	MUTATIONS=10000 $(BIN)/python -m pytest tests -q -k "damaged_file and read" --durations=5

sentences: dev ## brings app/translations in line with the pages that families read, says what is missing
	@$(BIN)/python -m scripts.sentences

check: dev ## style, types, import contracts, templates, security, pins
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint app/templates --lint --quiet --profile jinja
	$(BIN)/bandit --quiet --recursive --severity-level medium app matching
	$(BIN)/python -m scripts.pins

fix: dev ## repair style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: runtime ## how fast and how well the matcher does (SIZE=420)
	$(BIN)/python -m matching bench $(if $(SIZE),--students $(SIZE))

migrate: dev ## a new numbered migration: make migrate m="add slot capacity check"
	@test -n "$(m)" || { echo 'say what it does: make migrate m="add slot capacity check"'; exit 2; }
	$(FLASK) db upgrade
	$(FLASK) db migrate --rev-id $$(printf '%04d' $$(( $$(ls migrations/versions/[0-9]*.py | wc -l) + 1 ))) -m "$(m)"

lock: ## pin again every dependency of pyproject.toml, with hashes (UPGRADE=1: newest versions)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 2; }
	uv pip compile pyproject.toml $(PINS) -o requirements.txt
	uv pip compile pyproject.toml --group dev $(PINS) -c requirements.txt -o requirements-dev.txt
PINS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	$(if $(UPGRADE),--upgrade)

clean: ## forget the environment and the caches; databases in instance/ stay
	rm -rf $(VENV) node_modules app/static/vendor build dist ./*.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache journeys-output
	find app matching tests scripts migrations -name __pycache__ -prune -exec rm -rf {} +

# ---------------------------------------------------------------------------------------------------------------------
# What the targets above stand on. Stamps live in the environment they describe.

runtime: $(VENV)/.runtime
dev: $(VENV)/.dev

# With uv when the machine has it, else with pip: the same pins, the same hashes.
define install
@if command -v uv >/dev/null; then \
	uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); \
else \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
fi
endef

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (PYTHON=… says where it is)"; exit 2; }
	@echo "environment: $(PYTHON) in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "dependencies: requirements.txt"
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "dependencies: requirements-dev.txt"
	$(call install,requirements-dev.txt)
	@touch $@ $(VENV)/.runtime

# Again after a new migration or new data; loading changes nothing in a demo that is already there.
$(ACCOUNTS): $(wildcard migrations/versions/*.py app/demo/data/*)
	@$(DEMO) $(FLASK) demo prepare $(if $(FULL),--full) > $@.part
	@mv $@.part $@

front-end: | $(BIN)/python
	@$(BIN)/python scripts/vendor.py
