# make demo    everything from nothing: demo sources, ETL, scheduler and dashboard on 127.0.0.1
# make test    all tests
# make check   what CI runs: format, lint, types, SQL, documentation, known holes in dependencies, tests
# make audit   asks the advisory service about every package of the lock; skipped loudly where it can't be asked
# make bench   measurements for docs/performance.md (not a test)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := etl queries dashboard tests

.PHONY: demo test check format lint types docs audit bench screenshots lock clean

$(VENV)/installed: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

demo: $(VENV)/installed
	$(BIN)/python -m etl.demo --folder demo --serve

test: $(VENV)/installed
	$(BIN)/python -m pytest

check: lint types docs audit test

format: $(VENV)/installed
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix --exit-zero --quiet $(CODE)

lint: $(VENV)/installed
	$(BIN)/ruff format --check --quiet $(CODE)
	$(BIN)/ruff check --quiet $(CODE)

types: $(VENV)/installed
	$(BIN)/mypy

docs: $(VENV)/installed
	$(BIN)/python -m queries docs --check

audit: $(VENV)/installed
	@found=$$($(BIN)/pip-audit --require-hashes --disable-pip --progress-spinner off -r requirements.lock 2>&1); code=$$?; \
	if echo "$$found" | grep -q "^Found "; then echo "$$found"; exit 1; fi; \
	if [ $$code -ne 0 ] || echo "$$found" | grep -q "could not be audited"; then \
	echo "=== SKIPPED: not every dependency is audited, the service that knows of holes can't be asked from here ===" >&2; \
	else echo "$$found"; fi

bench: $(VENV)/installed
	$(BIN)/python -m tests.bench

screenshots: $(VENV)/installed
	$(BIN)/python -m tests.e2e.screenshots --folder screenshots

lock: $(VENV)/installed
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header --output-file requirements.lock

clean:
	rm -rf $(VENV) bench demo var screenshots .mypy_cache .ruff_cache .pytest_cache .hypothesis
