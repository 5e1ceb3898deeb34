# Two commands: `make run` sets everything up and serves it, `make test` tries it all.
PYTHON ?= python3
BIN := .venv/bin
SETUP := @$(PYTHON) scripts/setup.py

.PHONY: run setup dev test quick check

run: ## Set up what is missing and serve http://127.0.0.1:8000 (PORT=8001 make run for another port)
	$(SETUP) --serve

setup: ## The same without serving
	$(SETUP)

dev: ## Set up with what tests and checks need
	$(SETUP) --dev
