# Tokenloom: `make run` serves, `make test` proves. Everything installs itself into .venv, .venv-engine and node_modules.
PYTHON ?= python3.11
VENV   := .venv/bin
PROTOS := $(shell find protos/tokenloom -name '*.proto' | sort)

.DEFAULT_GOAL := help
.PHONY: help run test lint generate check-generated bench model clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: .venv/runtime .venv-engine/installed  ## Set up and start the mesh (PORT, HOST, DATA_DIR, MODELS, MODEL)
	@$(if $(MODEL),TOKENLOOM_MODEL_DIR=$(MODEL)) exec $(VENV)/tokenloom up $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST)) \
		$(if $(DATA_DIR),--data-dir $(DATA_DIR)) $(if $(MODELS),--models $(MODELS))

test: .venv/dev .venv-engine/installed node_modules/installed  ## Set up and run every test
	@PATH="$(CURDIR)/.tools/bin:$$PATH" tests/setup.sh
	@PATH="$(CURDIR)/.tools/bin:$$PATH" $(VENV)/pytest

lint: .venv/dev node_modules/installed  ## Format, lint, types, import rules, protos
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	node_modules/.bin/buf lint
	@if git describe --tags --abbrev=0 >/dev/null 2>&1; then \
		node_modules/.bin/buf breaking --against ".git#tag=$$(git describe --tags --abbrev=0)"; fi

generate: .venv/dev  ## Generate stubs from protos/ into sdk/python and inference/
	find sdk/python/tokenloom -name '*_pb2*' -delete
	PATH="$(CURDIR)/$(VENV):$$PATH" $(VENV)/python -m grpc_tools.protoc -Iprotos \
		--python_out=sdk/python --mypy_out=quiet:sdk/python --grpc_python_out=sdk/python --mypy_grpc_out=quiet:sdk/python $(PROTOS)
	PATH="$(CURDIR)/$(VENV):$$PATH" $(VENV)/python -m grpc_tools.protoc -Iprotos \
		--python_out=. --mypy_out=quiet:. --grpc_python_out=. --mypy_grpc_out=quiet:. protos/inference/triton.proto

check-generated: generate  ## Fail when committed stubs differ from the protos
	@git diff --exit-code --stat -- sdk/python/tokenloom inference/triton_pb2* || \
		{ echo 'stubs differ from protos: run make generate and commit'; exit 1; }
	@test -z "$$(git ls-files --others --exclude-standard -- sdk/python/tokenloom inference)" || \
		{ echo 'stubs not committed: run make generate and commit'; exit 1; }

bench: .venv/dev .venv-engine/installed  ## Measure what the mesh adds to a bare Triton stream
	$(VENV)/python -m bench

model:  ## Train the bundled model anew (training/, under 90 minutes on two cores)
	training/run

clean:  ## Remove everything that was installed or built here
	rm -rf .venv .venv-engine training/.venv training/runs .tools node_modules build .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo 'installing the mesh into .venv ...'
	$(VENV)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(VENV)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e sdk/python
	@touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	$(VENV)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.venv-engine/installed: triton_models/cpu/requirements.lock
	@echo 'installing Triton and the CPU engine into .venv-engine (about 460 MB, once) ...'
	test -x .venv-engine/bin/python || $(PYTHON) -m venv .venv-engine
	.venv-engine/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r triton_models/cpu/requirements.lock
	@touch $@

node_modules/installed: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@
