# `make` lists what there is. Everything runs in .venv, which is made on first use.

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
# The interpreter that the environment is made with: the first of these that is Python 3.11 or newer.
SYSTEM_PYTHON ?= python3.13 python3.12 python3.11 python3
# The tests publish thousands of small indexes, each brought to the disk; in memory that costs next to nothing.
MEMORY := /dev/shm
MEMORY_NEEDED := 1000000 # kilobytes; containers often have less

.DEFAULT_GOAL := help
.PHONY: help install run test lint format bench relevance screenshots clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

install: $(INSTALLED)  ## make the environment in .venv

run: $(INSTALLED)  ## serve on http://127.0.0.1:8000; without an index yet, over the sample
	@if $(PYTHON) -m indexer status 2>&1 | grep -q 'there is no index'; then \
	  $(PYTHON) -m indexer rebuild indexer/sample.jsonl; \
	fi
	@$(PYTHON) -m gunicorn web.wsgi:app

test: $(INSTALLED)  ## run the tests on all cores
	@if [ -z "$$TMPDIR" ] && [ -w $(MEMORY) ] && \
	    [ "$$(df -Pk $(MEMORY) | awk 'NR == 2 {print $$4}')" -gt $(MEMORY_NEEDED) ]; then \
	  TMPDIR=$$(mktemp -d $(MEMORY)/arkhiv.XXXXXX); export TMPDIR; \
	  trap 'rm -rf "$$TMPDIR"' EXIT; trap 'exit 130' INT TERM; \
	fi; \
	$(PYTHON) -m pytest -q -n auto --dist worksteal

lint: $(INSTALLED)  ## check style, formatting and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

format: $(INSTALLED)  ## format the code, and mend what can be mended
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

bench: $(INSTALLED)  ## measure; DATA=folder for real data, else the sample
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@$(PYTHON) -m tests.tools.bench $(if $(DATA),--data $(DATA))
	@$(PYTHON) -m tests.tools.bench.bounds

relevance: $(INSTALLED)  ## measure how well is found; DATA=folder for real data, else the sample
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@$(PYTHON) -m tests.tools.relevance $(if $(DATA),--data $(DATA))

screenshots: $(INSTALLED)  ## make the pictures of the README anew; needs chromium
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[browser]'
	@$(PYTHON) -m tests.tools.screenshots docs/screenshots

clean:  ## remove the environment and all caches; the index stays
	rm -rf $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made again when pyproject.toml or what is compiled changes. A package registry may fail for a moment, so it is asked
# three times. The pip that comes with Python 3.11 and 3.12 warns of names that it does not know as the same.
$(INSTALLED): pyproject.toml hatch_build.py search/engines/whoosh/loops/loops.c
	@$(PYTHON) -c '' 2>/dev/null || { \
	  for python in $(SYSTEM_PYTHON); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	    python=; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo 'Python 3.11 or newer is needed, and was not found. Install it, or name it:' >&2; \
	    echo '  make install SYSTEM_PYTHON=/path/to/python3' >&2; exit 1; \
	  fi; \
	  echo "making the environment in $(VENV) with $$("$$python" --version)"; \
	  "$$python" -m venv --clear $(VENV) || { \
	    echo "$$python has no venv; on Debian and Ubuntu it is the package python3-venv" >&2; exit 1; \
	  }; \
	}
	@for attempt in 1 2 3; do \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade pip && \
	    $(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[dev]' && break; \
	  if [ $$attempt = 3 ]; then echo 'the packages could not be installed' >&2; exit 1; fi; \
	  echo 'trying again in 5 seconds' >&2; sleep 5; \
	done
	@$(PYTHON) -m indexer --version | tail -n 1
	@touch $@
