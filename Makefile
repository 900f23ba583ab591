# hpcctl. `make help` lists what there is. Everything sets up what it needs and does not repeat what is there.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-clean test lint fmt unit terraform checkov e2e reliability golden reference policy bench package clean

BIN := .venv/bin
HPCCTL := $(BIN)/hpcctl

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

test: setup lint .checkov/version  ## every test, the ones on virtual machines included
	@$(BIN)/pytest

lint: .venv/ready  ## formatting, style, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

fmt: .venv/ready  ## format Python and HCL
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --exit-zero .
	@terraform fmt -recursive terraform

unit: .venv/ready  ## the tests that need neither Terraform nor the sandbox, in seconds
	@$(BIN)/pytest -m "not terraform and not sandbox and not machines"

terraform: setup .checkov/version  ## the tests of the Terraform modules
	@$(BIN)/pytest -m terraform

checkov: setup .checkov/version  ## the security checks of the Terraform modules
	@$(BIN)/pytest tests/terraform/test_checkov.py

.checkov/version: scripts/checkov.sh | .venv/ready
	@scripts/checkov.sh

e2e: setup  ## the tests on the sandbox and on virtual machines
	@$(BIN)/pytest -m "sandbox or machines"

reliability: setup  ## break everything on purpose, and write docs/reliability.md
	@rm -f docs/reliability.md
	@HPCCTL_RELIABILITY=docs/reliability.md $(BIN)/pytest -m fault

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
