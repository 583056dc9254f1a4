# Each target makes what it needs on a machine that has only Python (>= 3.11) and make.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint format bench clean

demo: .venv/.core
	rm -rf demo
	$(BIN)/overread demo --out demo

test: .venv/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 $(ARGS)

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy src
	$(BIN)/lint-imports

format: .venv/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/.bench
	$(BIN)/python benchmarks/coverage.py
	$(BIN)/python benchmarks/routing.py
	$(BIN)/python benchmarks/train.py
	$(BIN)/python benchmarks/cascade.py
	$(BIN)/python benchmarks/embed.py
	$(BIN)/python benchmarks/probe_head.py
	$(BIN)/python benchmarks/resume.py
	$(BIN)/python benchmarks/phantom.py
	$(BIN)/python benchmarks/heat.py
	$(BIN)/python benchmarks/gradcam.py
	if [ -n "$$OVERREAD_DATA" ]; then $(BIN)/python benchmarks/real.py; fi
	if [ -n "$$OVERREAD_DATA" ]; then $(BIN)/python benchmarks/probe.py; fi
	if [ -n "$$OVERREAD_DATA" ]; then $(BIN)/python benchmarks/designs.py; fi
	if [ -n "$$OVERREAD_DATA" ]; then $(BIN)/python benchmarks/pneumonia.py; fi
	if [ -n "$$OVERREAD_DATA" ]; then $(BIN)/python benchmarks/leaks.py; fi
	if [ -n "$$OVERREAD_DATA" ]; then $(BIN)/python benchmarks/near_duplicates.py; fi
	if [ -n "$$OVERREAD_DATA" ]; then $(BIN)/python benchmarks/near_duplicates_cost.py; fi
	$(BIN)/python benchmarks/results.py

clean:
	rm -rf .venv demo

.venv/.core: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "overread needs Python 3.11 or newer, not " + sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) --editable .
	touch $@

.venv/.test: .venv/.core
	$(INSTALL) --editable '.[test]'
	touch $@

.venv/.bench: .venv/.test
	$(INSTALL) --editable '.[bench]'
	touch $@

.venv/.dev: .venv/.test
	$(INSTALL) --editable '.[dev]'
	touch $@
