# The console's commands. A fresh machine needs make and Python 3.11 or 3.12, nothing else.

VENV := .venv
PYTHON := $(VENV)/bin/python
BIN := $(VENV)/bin

# What a real installation sets (see .env.example); enough to check the settings as deployed.
DEPLOYED := DATABASE_URL=postgres://jspm_app@db/jspm DATABASE_OWNER_URL=postgres://jspm_owner@db/jspm \
	REDIS_URL=redis://redis/0 ALLOWED_HOSTS=console.example.jp SITE_URL=https://console.example.jp \
	SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz \
	CREDENTIAL_KEYS=b25seS1mb3ItdGhpcy1jaGVjay0wMTIzNDU2Nzg5YWI=

.PHONY: demo test test-real check bench bench-judgement browser
.DEFAULT_GOAL := demo

## demo: everything on this machine, with example data; Ctrl+C ends it, again goes on
demo: $(VENV)/ready
	@$(PYTHON) manage.py migrate --verbosity 0
	@$(PYTHON) manage.py load_policy
	@exec $(PYTHON) manage.py demo

## test: all tests, the browser's included; ARGS="tests/policy -k fold" picks some
test: $(VENV)/ready browser
	$(PYTHON) -m pytest -n auto $(ARGS)

## test-real: the adapters against servers that others wrote, on this machine; ARGS as above
test-real: $(VENV)/ready
	@bash tests/real/install.sh var/real $(PYTHON)
	$(PYTHON) -m pytest tests/real -n 0 $(ARGS)

## check: format, lint, types, import direction, migration drift, settings as deployed
check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(DEPLOYED) $(PYTHON) manage.py check --deploy --fail-level WARNING

## bench: speed, as ratios measured in one run
bench: $(VENV)/ready
	$(PYTHON) -m tests.benchmarks $(ARGS)

## bench-judgement: the judgement beside two baselines, its cost, and a hostile corpus
bench-judgement: $(VENV)/ready
	$(PYTHON) -m tests.benchmarks.judgement $(ARGS)

# The environment, made once and brought up to date when the requirements change.
$(VENV)/ready: requirements.txt requirements-dev.txt requirements-specs.txt
	@if [ ! -x $(BIN)/pip ]; then \
		for python in python3.12 python3.11 python3; do \
			if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; \
			then found=$$python; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "Python 3.11 or 3.12 is needed, as python3.12, python3.11 or python3 on PATH." >&2; exit 1; \
		fi; \
		$$found -m venv --clear $(VENV) || { \
			echo "$$found cannot make environments here; on Debian: apt-get install python3-venv" >&2; exit 1; }; \
	fi
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-specs.txt
	@touch $@

# The browser tests drive Debian's Chromium, and Japanese text needs a font to be seen.
browser:
	@if ! command -v chromium >/dev/null || ! fc-list :lang=ja 2>/dev/null | grep -q .; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk </dev/null; \
		else \
			echo "The browser tests need Chromium and a Japanese font: sudo apt-get install chromium fontconfig fonts-noto-cjk" >&2; \
			exit 1; \
		fi; \
	fi
