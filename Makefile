PYTHON ?= .venv/bin/python
BIN := $(dir $(PYTHON))

.PHONY: check test format

check:
	$(BIN)ruff format --check .
	$(BIN)ruff check .
	$(BIN)mypy
	$(BIN)lint-imports --no-cache
	$(BIN)codespell

test:
	$(BIN)pytest -n 2 --dist loadfile -m "not fault and not slow and (smoke or not system)"

format:
	$(BIN)ruff format .
	$(BIN)ruff check --fix .
