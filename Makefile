# Everything here runs from a fresh checkout; each target first sets up what it needs.
# To choose the Python of .venv:  make PYTHON=/path/to/python3.12 demo

SHELL := /bin/sh
BIN := .venv/bin
export PYTHON

PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup
COVERAGE := --cov --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=90

.PHONY: help demo test nightly sanitize lint format engine docs bench clean venv dev tools neo4j
.NOTPARALLEL:

help: ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: venv ## import an example estate and show three blast radii (needs only Python and make)
	@sh scripts/demo.sh

test: tools dev lint neo4j ## all checks and tests, with coverage, against a real Neo4j too
	@echo "--- tests"
	@$(PYTEST) $(COVERAGE)

nightly: tools dev neo4j ## the long tests
	@echo "--- long tests"
	@HYPOTHESIS_PROFILE=nightly $(PYTEST) -m nightly

sanitize: dev ## the engine's tests under AddressSanitizer (needs gcc; five minutes)
	@sh scripts/sanitize.sh

lint: dev ## style, formatting, types, and who may import whom
	@echo "--- ruff check"
	@$(BIN)/ruff check .
	@echo "--- ruff format --check"
	@$(BIN)/ruff format --check .
	@echo "--- cython-lint"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/cython-lint --max-line-length=100 cmdb/impact/engine
	@echo "--- lint-imports"
	@$(BIN)/lint-imports
	@echo "--- mypy --strict"
	@$(BIN)/mypy --strict

format: dev ## rewrite the sources in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

engine: dev ## build the compiled engine again, after a change in cmdb/impact/engine
	@$(BIN)/python setup.py --quiet build_ext --inplace

docs: dev ## write the reference pages from the code
	@$(BIN)/python -m scripts.reference

bench: tools dev neo4j ## run the benchmarks (an hour or so, on a quiet machine)
	@mkdir -p build
	@$(BIN)/python -m benchmarks --json build/benchmarks.json

clean: ## remove all that these targets have made
	rm -rf .venv .neo4j build dist *.egg-info cmdb/impact/engine/*.so .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache .coverage .coverage.*
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@sh scripts/make_venv.sh

dev:
	@sh scripts/make_venv.sh dev

tools:
	@sh scripts/system_packages.sh

neo4j:
	@sh scripts/install_neo4j.sh
