# Loa Phường. Two commands matter: `make run` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
DATA ?= demo-data
PORT ?= 8080
BROKER ?= 0
# 0.0.0.0 lets phones in the same network open it.
HOST ?= 127.0.0.1
# Most tests wait for sockets and clocks; five files of them at a time keep two cores busy.
TOGETHER ?= -n 5 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench lock openapi asyncapi clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## make .venv with `loa` in it (every other target calls it)

$(VENV)/.ready: pyproject.toml requirements/dev.txt requirements/agent-alsa.txt scripts/setup
	@PYTHON=$(PYTHON) scripts/setup $(VENV)
	@touch $@

run: setup ## a demo ward on the air, on a fresh data folder (HOST= PORT= BROKER= DATA=)
	$(BIN)/loa demo --data $(DATA) --fresh --host $(HOST) --port $(PORT) --broker $(BROKER)

test: setup ## every test
	$(BIN)/pytest -q $(TOGETHER)

check: setup ## style, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q $(TOGETHER)

bench: setup ## measure, print ratios, write docs/benchmarks.md
	$(BIN)/python -m bench

asyncapi: setup ## write docs/asyncapi.yaml from the code
	$(BIN)/python scripts/asyncapi docs/asyncapi.yaml

openapi: setup ## write docs/openapi.json from the code
	$(BIN)/python -m gateway.web.openapi docs/openapi.json

lock: setup ## resolve requirements/*.txt again from pyproject.toml
	scripts/lock $(VENV)

clean: ## remove what setup made
	rm -rf $(VENV) .venv-peers dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
