# Every target does its own set-up; a second call takes seconds. `make help` lists all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED := seeds/000_eb6746986b947118.txt
ENCODER := build/compact-encoder
# The annotated training data and the corpora; not part of the project (see data/README.md).
DATA ?= ../shared/data

.DEFAULT_GOAL := help
.PHONY: help demo test check format encoder train evaluate wheel clean

help: ## list all targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

demo: $(VENV)/installed ## show the seed article as a table: entities, stances, who holds them, towards what
	$(BIN)/stance predict $(SEED)

test: $(VENV)/installed-dev ## run all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/installed-dev ## style, types and tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) test

format: $(VENV)/installed-dev ## write all code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(ENCODER)/config.json: | $(VENV)/installed-dev
	$(BIN)/stance encoder build --output $(ENCODER)

encoder: $(ENCODER)/config.json ## make the compact encoder

train: $(ENCODER)/config.json ## train the bundled model on the data in DATA (default ../shared/data)
	$(BIN)/stance train --config configs/compact.yaml --set data=$(DATA)

evaluate: $(VENV)/installed-dev ## measure the bundled model on the dev set in DATA, beside its baseline
	$(BIN)/stance evaluate --data $(DATA)/annotated/dev.jsonl

wheel: $(VENV)/installed-dev ## build the package
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## remove the virtual environment and everything built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
