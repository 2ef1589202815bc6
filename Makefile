# Two commands do everything: `make demo` and `make test`. Each sets up .venv in this folder if it is not there.
PY ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test check fuzz bench docs format clean
help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/run: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PY) -m venv .venv
	@echo "Setting up .venv (about a minute, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	@echo "Setting up the tools for tests (a few minutes, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

setup: .venv/dev ## Install everything into .venv

demo: .venv/run ## Show the main job on real input
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh docs/demo.sh

test: .venv/dev ## Run all tests, with branch coverage
	@$(BIN)/python -m pytest -n 2 --cov --cov-report=term

check: .venv/dev ## Lint, types, import rules, dependencies
	@$(BIN)/ruff check src tests bench
	@$(BIN)/ruff format --check src tests bench
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry src

bench: .venv/dev ## Measure against named peers and limits
	@for f in bench/*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done

fuzz: .venv/dev ## Throw mangled directions at the reader (SECONDS=60)
	@$(BIN)/python -m tests.fuzz.fuzz_reading $(or $(SECONDS),60)

docs: .venv/dev ## Make every page that shows the program anew
	@for f in docs/generate.py docs/generate_reference.py docs/generate_medicines.py; do $(BIN)/python $$f || exit 1; done

format: .venv/dev ## Format the code
	@$(BIN)/ruff check --fix -q src tests bench; $(BIN)/ruff format src tests bench

clean: ## Remove .venv and caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
