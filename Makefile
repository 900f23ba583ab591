# hpcctl. `make help` lists what there is. Everything sets up what it needs and does not repeat what is there.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-clean test test-all rest quick failed lint style types fmt unit terraform checkov reliability golden \
  reference policy bench package clean

BIN := .venv/bin
HPCCTL := $(BIN)/hpcctl
PYTEST := $(BIN)/pytest --numprocesses=auto
BEGAN ?= $(shell date +%s)

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/ready: pyproject.toml scripts/venv.sh
	@scripts/venv.sh

setup: .venv/ready  ## .venv, system packages, Terraform: what is missing of them
	@$(HPCCTL) setup --sandbox --yes

demo: setup  ## a cluster of two nodes on this machine, with an MPI job; it stays up
	@examples/demo.sh $(HPCCTL)

demo-clean: .venv/ready  ## take the demo away, the sandbox included
	@$(HPCCTL) terminate --yes --missing-ok demo || true
	@$(HPCCTL) sandbox down

test: setup lint .checkov/version  ## every promise to users, once, on virtual machines too
	@$(PYTEST) -m "not extended"

test-all: setup lint .checkov/version  ## that, and all that is broken on purpose; before a piece of work is done
	@$(PYTEST)

rest: setup .checkov/version  ## what test-all has and test has not, in a box of time: nothing starts after 50 minutes
	@$(PYTEST) -m extended --box=$(BEGAN)

quick: .venv/ready  ## formatting, style, types and unit tests, in less than a minute
	@$(MAKE) --no-print-directory --jobs=3 --output-sync style types unit
	@echo "left out: Terraform, the sandbox's API and virtual machines (make test)"

failed: setup  ## what failed last, again
	@$(PYTEST) --last-failed --last-failed-no-failures=none

lint: style types  ## formatting, style, types

style: .venv/ready
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: .venv/ready
	@$(BIN)/mypy

fmt: .venv/ready  ## format Python and HCL
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --exit-zero .
	@terraform fmt -recursive terraform

unit: .venv/ready  ## the tests that need neither Terraform nor the sandbox, in seconds
	@$(BIN)/pytest --numprocesses=$(shell nproc) -m "not terraform and not sandbox and not machines"

terraform: setup .checkov/version  ## the tests of the Terraform modules
	@$(BIN)/pytest -m terraform

checkov: setup .checkov/version  ## the security checks of the Terraform modules
	@$(BIN)/pytest tests/terraform/test_checkov.py

.checkov/version: scripts/checkov.sh | .venv/ready
	@scripts/checkov.sh

reliability: setup  ## break everything on purpose, and write docs/reliability.md
	@rm -f docs/reliability.md
	@HPCCTL_RELIABILITY=docs/reliability.md $(PYTEST) -m fault

golden: .venv/ready  ## rewrite the golden files; read the difference before you commit it
	@HPCCTL_GOLDEN=1 $(BIN)/pytest tests/unit

reference: .venv/ready  ## rewrite the tables of docs/cluster-file.md from the schema
	@HPCCTL_GOLDEN=1 $(BIN)/pytest tests/test_reference.py

policy: setup  ## rewrite docs/iam-policy.json from the calls of a run; read the difference before you commit it
	@HPCCTL_POLICY=1 $(BIN)/pytest tests/sandbox/test_life.py

bench: setup  ## measure, and write docs/benchmarks.md
	@$(BIN)/python -m bench

package: .venv/ready  ## wheel and sdist in dist/
	@$(BIN)/python -m build

clean:  ## remove what was built here (not clusters, not the sandbox)
	@rm -rf .venv .checkov dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
