# Two commands do all the set-up by themselves:  make demo   make test
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(filter-out tests,$(patsubst %/__init__.py,%,$(wildcard */__init__.py)))
# `make demo DURATION=20` stops by itself; without it the demo runs until Ctrl-C.
DURATION ?=
MINUTES ?= 30
OPTIONS ?=
UV := $(BIN)/uv --system-certs
COMPILE = $(UV) pip compile --universal --python-version 3.11 --override requirements/overrides.txt \
	--generate-hashes --no-emit-index-url --no-header --quiet
LOCK = $(COMPILE) pyproject.toml
# What the peers of the benchmark must have in the same version as we do.
SHARED = aiokafka|crc32c|faust-streaming|kafka-python|mediapipe|mode-streaming|numpy|opencv-python-headless|starlette|uvicorn

.PHONY: help check-system setup training demo test test-long bench soak docs lint format lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# Before anything else, and each time: a restored environment may lie on another machine.
check-system:
	@$(PYTHON) tools/system_check.py

$(VENV)/.python: requirements/bootstrap.txt | check-system
	@echo "Creating the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/bootstrap.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements/runtime.txt pyproject.toml
	@# Bytecode at once: without it every process, where it may not write, compiles all that it imports.
	@$(UV) pip install --python $(BIN)/python --require-hashes --no-deps --compile-bytecode -r requirements/runtime.txt
	@$(UV) pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.training: $(VENV)/.runtime requirements/training.txt
	@$(UV) pip install --python $(BIN)/python --require-hashes --no-deps -r requirements/training.txt
	@touch $@

# Beside our own: Quix Streams and FastAPI ask for different versions of pydantic.
$(VENV)/.peers: $(VENV)/.python requirements/peers.txt
	@$(PYTHON) -m venv $(VENV)/peers
	@$(UV) pip install --python $(VENV)/peers/bin/python --require-hashes --no-deps -r requirements/peers.txt
	@touch $@

$(VENV)/.development: $(VENV)/.training requirements/development.txt
	@$(UV) pip install --python $(BIN)/python --require-hashes --no-deps -r requirements/development.txt
	@touch $@

setup: $(VENV)/.runtime ## Environment, landmark model, Kafka with its Java runtime
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@$(BIN)/handstream setup

training: setup $(VENV)/.training ## What `handstream train` needs besides: MLflow and plots

demo: setup ## Broker, worker and a synthetic camera, predictions live in a table
	@$(BIN)/handstream demo $(if $(DURATION),--duration $(DURATION))

test: setup $(VENV)/.development lint ## Checks and tests, on a real Kafka
	@$(BIN)/pytest -m "not long"

test-long: setup $(VENV)/.development ## The tests that take long
	@$(BIN)/pytest -m long

bench: setup $(VENV)/.peers ## Handstream beside the bare loops and other programs; OPTIONS="--quick"
	@$(BIN)/handstream bench $(OPTIONS)

soak: setup ## Two cameras for MINUTES (30): does anything grow, is anything lost?
	@$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

docs: $(VENV)/.development ## Write the docs and dashboards that are generated from code
	@$(BIN)/python -m tools.records
	@$(BIN)/python -m tools.settings_docs
	@$(BIN)/python -m tools.metrics_docs
	@$(BIN)/python -m tools.dashboards

lint: $(VENV)/.development ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.development ## Let ruff format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(VENV)/.python ## Resolve the locked requirements anew
	@$(LOCK) --output-file requirements/runtime.txt
	@$(LOCK) --extra training --constraint requirements/runtime.txt --output-file requirements/training.txt
	@$(LOCK) --extra training --extra development --constraint requirements/training.txt \
		--output-file requirements/development.txt
	@sed -n 's/ \\$$//p' requirements/runtime.txt | grep -E '^($(SHARED))==' | $(COMPILE) requirements/peers.in \
		--no-annotate --constraint - --output-file requirements/peers.txt
	@echo uv hatchling editables | tr ' ' '\n' | $(UV) pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements/bootstrap.txt

clean: ## Remove the environment and the caches of the tools
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
