# Every target does its own set-up; a second call takes seconds. `make help` lists all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED := seeds/000_eb6746986b947118.txt
ENCODER := build/compact-encoder
# The annotated training data and the corpora; not part of the project (see data/README.md).
DATA ?= ../shared/data
NAME ?= stance-compact-ar@2

.DEFAULT_GOAL := help
.PHONY: help demo test check format encoder train student anercorp evaluate release wheel clean

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

# A run that was cut off goes on from its last checkpoint.
TRAIN = $(BIN)/stance train --set data=$(DATA) --set output=$(@D) $(if $(wildcard $(@D)/checkpoint-*),--resume)
DEV := $(DATA)/annotated/dev.jsonl

runs/%/run.json: configs/%.yaml | $(ENCODER)/config.json
	$(TRAIN) --config $<

runs/student/run.json: runs/compact/run.json

# Two models, each for one of the two tasks, with the recipe of the joint one: what joint training is worth.
runs/entities-alone/run.json: configs/compact.yaml | $(ENCODER)/config.json
	$(TRAIN) --config $< --set losses.stances=0 --set losses.cues=0 --set losses.roles=0 --set losses.extents=0

runs/stances-alone/run.json: configs/compact.yaml | $(ENCODER)/config.json
	$(TRAIN) --config $< --set losses.entities=0

runs/anercorp-%/run.json: configs/anercorp.yaml | $(ENCODER)/config.json
	$(TRAIN) --config $< --set seed=$*

runs/%/figures.json: runs/%/run.json
	$(BIN)/stance evaluate --data $(DEV) --model $(@D)/model --output $@ $(LAYERS)

runs/entities-alone/figures.json: LAYERS = --layer entities
runs/stances-alone/figures.json: LAYERS = --layer stances --layer roles

encoder: $(ENCODER)/config.json ## make the compact encoder

train: runs/compact/run.json ## train the bundled model on the data in DATA (default ../shared/data); goes on where it stopped

student: runs/student/figures.json ## train the smaller, quicker model; goes on where it stopped

anercorp: $(foreach seed,1 2 3,runs/anercorp-$(seed)/run.json) ## train entities alone on ANERcorp, with three seeds

evaluate: $(VENV)/installed-dev ## measure the bundled model on the dev set in DATA, beside its baselines
	$(BIN)/stance evaluate --data $(DEV)

BASELINES := runs/entities-alone/figures.json runs/stances-alone/figures.json
release: runs/compact/run.json $(BASELINES) ## from the data in DATA to the bundled model, its card, figures and plots
	$(BIN)/stance release --run runs/compact --output src/stance/bundled/stance-compact-ar --name $(NAME) \
		--pairs tests/behaviour/pairs.jsonl $(foreach figures,$(BASELINES),--beside $(figures))

wheel: $(VENV)/installed-dev ## build the package
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## remove the virtual environment and everything built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
