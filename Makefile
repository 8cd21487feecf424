# `make` prints the list. The demo needs Python >= 3.11; the rest also Node >= 20. Nothing needs root.
PORT ?= 8000
ARGS ?=
WORKERS ?= 2

# A stamp is named after what it was made from and where: git's new dates rebuild nothing, and a copied checkout, whose
# scripts still point to the old place, does rebuild.
stamp = $(firstword $(shell (echo "$(CURDIR)"; cat $(1)) | cksum))
HERE := .venv/at-$(call stamp,/dev/null)
RUN := .venv/run-$(call stamp,requirements.txt pyproject.toml)
DEV := .venv/dev-$(call stamp,requirements-dev.txt pyproject.toml)
BROWSER := tests/browser/node_modules/.ready-$(call stamp,tests/browser/package-lock.json)
ORACLE := tests/oracle/node_modules/.ready-$(call stamp,tests/oracle/package-lock.json)
THEME := tests/theme/node_modules/.ready-$(call stamp,tests/theme/package-lock.json)
WORDPRESS := tests/wordpress/node_modules/.ready-$(call stamp,tests/wordpress/package-lock.json)
WIDGETS := widgets/node_modules/.ready-$(call stamp,widgets/package-lock.json)
TWINS := bench/widgets/node_modules/.ready-$(call stamp,bench/widgets/package-lock.json)

PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet
# pyactiveresource ships no wheel; --use-pep517 makes old and new pip build it the same way.
LOCKED := $(PIP) install --use-pep517 --require-hashes --requirement
# Offline: setuptools is among the locked requirements.
INSTALL := $(PIP) install --no-index --no-deps --no-build-isolation --editable .

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench soak mutants widgets lock clean

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(RUN) ## everything on one port, with a sandbox shop: PORT=8000
	@exec env PORT=$(PORT) DEMO=1 SANDBOX=1 .venv/bin/tessera demo

test: $(DEV) $(BROWSER) $(ORACLE) $(THEME) $(WORDPRESS) $(WIDGETS) ## all tests, on real PostgreSQL, Valkey and Chromium: ARGS='-k refund'
	@tests=$$(find tests widgets -name node_modules -prune -o -name '*.test.*js' -print); \
	[ -z "$$tests" ] || node --test $$tests
	@.venv/bin/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder $(ARGS)

lint: $(DEV) $(WORDPRESS) $(WIDGETS) ## ruff, mypy, TypeScript over the widgets' JSDoc, PHP syntax, and .ci/tidy
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	@if [ -n "$$(find widgets/src -name '*.js')" ]; then echo tsc; cd widgets && npm run --silent check; fi
	@node tests/wordpress/lint.mjs widgets/woocommerce
	.venv/bin/python .ci/tidy

bench: $(DEV) $(BROWSER) $(TWINS) ## the benchmarks; writes bench/latest.json
	@.venv/bin/python -m bench $(ARGS)

soak: $(DEV) $(BROWSER) $(ORACLE) $(THEME) $(WORDPRESS) ## the property tests with thousands of fresh examples
	@.venv/bin/python -m pytest --numprocesses=$(WORKERS) --hypothesis-profile=soak $(ARGS)

mutants: $(DEV) ## do the tests notice small changes to rules and ledger? ARGS='app/rules/factors.py'
	@.venv/bin/python -m tests.mutants $(ARGS)

widgets: $(RUN) $(WIDGETS) ## widgets/dist from widgets/src, and build/tessera-woocommerce.zip
	@cd widgets && npm run --silent build
	@mkdir -p build && .venv/bin/python -c 'from connectors.woocommerce import CONNECTOR as platform; \
		open("build/tessera-woocommerce.zip", "wb").write(platform.companion.packed(""))'

# No index address is written: each machine installs from its own. UPGRADE=--upgrade takes newer versions.
COMPILE = .venv/bin/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock" $(UPGRADE) pyproject.toml --extra build
lock: $(DEV) ## the locked requirements and package-lock files
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --extra dev --constraints requirements.txt --output-file requirements-dev.txt
	cd tests/browser && npm install --package-lock-only
	cd tests/oracle && npm install --package-lock-only
	cd tests/theme && npm install --package-lock-only
	cd tests/wordpress && npm install --package-lock-only
	cd widgets && npm install --package-lock-only
	cd bench/widgets && npm install --package-lock-only

clean: ## everything make has installed or cached; the data in instance/ stays
	rm -rf .venv build *.egg-info tests/browser/node_modules tests/oracle/node_modules tests/theme/node_modules \
		tests/wordpress/node_modules widgets/node_modules bench/widgets/node_modules \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- what the targets stand on ---------------------------------------------------------------------------------------

ifeq ($(wildcard $(HERE)),)
.PHONY: .venv/bin/python # a virtualenv cannot be moved: make it again
endif
.venv/bin/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			$$python -m venv --clear .venv && touch $(HERE); exit; \
		fi; \
	done; echo 'Tessera needs Python 3.11 or newer; PYTHON=/path/to/python3 names one.' >&2; exit 1

$(RUN): | .venv/bin/python
	@echo 'Installing the locked requirements into .venv …'
	@$(LOCKED) requirements.txt
	@$(INSTALL)
	@rm -f .venv/run-* && touch $@

$(DEV): | .venv/bin/python
	@echo 'Installing the locked requirements, those of the tests included, into .venv …'
	@$(LOCKED) requirements-dev.txt
	@$(INSTALL)
	@rm -f .venv/run-* .venv/dev-* && touch $@ $(RUN)

$(BROWSER) $(ORACLE) $(THEME) $(WORDPRESS) $(WIDGETS) $(TWINS):
	@echo 'npm ci in $(patsubst %/node_modules/,%,$(dir $@)) …'
	@cd $(patsubst %/node_modules/,%,$(dir $@)) && npm ci --no-progress --loglevel=error
	@touch $@
