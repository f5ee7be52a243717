# Everything a user, a developer or CI calls. `make` alone explains itself.

PYTHON ?= python3
ARGS ?=
SEEDS ?= 1,2,3
RUN := .venv/bin/python
PATHS := bootstrap.py manage.py bench scripts swe_broadcast subscribers campaigns verifier whatsapp tests

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test survey faults mutants check bench pictures chromium messages lock

help:
	@echo "make demo      the whole desk with a simulated WhatsApp  (PORT=8000 DATA_DIR=var/demo)"
	@echo "make setup     .venv with the pinned dependencies; every other target does it, too"
	@echo "make test      the whole test suite                      (ARGS='-k consent -n 0')"
	@echo "make survey    every page in both themes, sizes and languages  (some minutes)"
	@echo "make faults    every accident of docs/faults.md, 3 seeds  (SMOKE=1: the essential ones; SEEDS=7)"
	@echo "make mutants   remove each safeguard and show which accident notices"
	@echo "make check     lint, types, layers, templates, translations, migrations, deployment"
	@echo "make bench     what it costs, against other ways         (ARGS='send' or rate, pace, pages, start, ...)"
	@echo "make pictures  README's and the handbook's pictures anew  (some minutes; look at them)"
	@echo "make chromium  Debian's Chromium for tests and pictures  (needs root)"
	@echo "make messages  refresh locale/ from the sources and compile it"
	@echo "make lock      pin requirements*.in anew                 (needs uv)"

setup:
	@$(PYTHON) bootstrap.py

setup-dev:
	@$(PYTHON) bootstrap.py --dev

demo: setup
	@$(RUN) manage.py demo

test: setup-dev
	@$(RUN) -m pytest -n 2 $(ARGS)

# A usual run looks at each page in one of its four looks.
survey: setup-dev
	@$(RUN) -m pytest -n 2 tests/browser/test_every_page.py -m "" $(ARGS)

# The essential ones are a part of `make test`, too. Scenarios of one installation stay together.
faults: export FAULT_SEEDS := $(if $(SMOKE),1,$(SEEDS))
faults: setup-dev
	@$(RUN) -m pytest -n 2 --dist loadgroup tests/faults \
		-m "$(if $(SMOKE),not thorough and not processes,)" $(ARGS)

mutants: setup-dev
	@$(RUN) -m pytest tests/faults/test_mutants.py -m thorough -s $(ARGS)

# A folder and an environment of its own: what a developer's .env says must not matter.
check: export DATA_DIR := var/check
check: export ENV_FILE := /dev/null
check: setup-dev
	$(RUN) -m ruff check $(PATHS)
	$(RUN) -m ruff format --check $(PATHS)
	$(RUN) -m mypy .
	.venv/bin/lint-imports
	.venv/bin/djlint templates --lint --quiet
	$(RUN) scripts/translations.py check
	$(RUN) manage.py makemigrations --check --dry-run
	ENV_FILE=.ci/production.env $(RUN) manage.py check --deploy --fail-level WARNING

bench: setup-dev
	@$(RUN) -m bench $(ARGS)

pictures: setup-dev
	@$(RUN) scripts/screenshots.py

# The second package speaks German: only the pictures need it.
chromium:
	@if command -v chromium >/dev/null; then \
		echo "Chromium is installed."; \
	elif [ "$$(id -u)" != 0 ]; then \
		echo "Chromium is missing: apt-get install chromium chromium-l10n, as root."; exit 1; \
	else \
		apt-get update -q && apt-get install -qy --no-install-recommends chromium chromium-l10n; \
	fi

messages: setup-dev
	@$(RUN) scripts/translations.py update

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements-dev.in -c requirements.txt -o requirements-dev.txt
