# Two commands: `make run` sets everything up and serves it, `make test` tries it all.
PYTHON ?= python3
BIN := .venv/bin
SETUP := @$(PYTHON) scripts/setup.py

.PHONY: run setup dev prod-local test quick smoke load upgrade bench audit check ruff bandit djlint mypy migrations deploy

run: ## Set up what is missing and serve http://127.0.0.1:8000 (PORT=8001 make run for another port)
	$(SETUP) --serve

setup: ## The same without serving
	$(SETUP)

prod-local: setup ## The processes of production on this machine, over plain HTTP (PORT=8001 for another port)
	@$(BIN)/python -m scripts.prod_local

dev: ## Set up with what tests and checks need
	$(SETUP) --dev

test: dev ## Everything on SQLite and, where a server answers, on PostgreSQL; in a browser where there is one
	@$(BIN)/python scripts/test.py

quick: dev ## A few minutes: SQLite, no browser, nothing slow
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not browser and not slow"

smoke: dev ## Minutes: starts the processes of production, kills each in turn, and fills disks and stops servers on purpose
	@$(BIN)/python -m pytest -q -m system tests/system

load: dev ## An office at work at once on either database: no error, no lost update; LOAD="--short" or LOAD="--write"
	@$(BIN)/python -m scripts.load $(LOAD)

upgrade: dev ## An upgrade while people work: FROM=<revision of the release before>
	@$(BIN)/python -m scripts.load.upgrade $(FROM)

bench: dev ## How fast the pages are against a bare view, on PostgreSQL; BENCH="--sqlite" or BENCH="--write" for more
	@$(BIN)/python -m scripts.bench $(BENCH)

audit: dev ## Asks osv.dev whether anything is known against a version of uv.lock
	UV_SYSTEM_CERTS=1 .tools/bin/uv audit --frozen --preview-features audit-command

check: dev ruff bandit djlint mypy migrations deploy ## Style, types, missing migrations, and the settings of production

ruff:
	$(BIN)/ruff check
	$(BIN)/ruff format --check

bandit:
	$(BIN)/bandit -q -c pyproject.toml -r manage.py susi portfolio phases assessments participants work desk deploy scripts

djlint:
	$(BIN)/djlint templates --check --lint

mypy:
	$(BIN)/mypy

migrations:
	$(BIN)/python manage.py makemigrations --check --dry-run --settings tests.settings

deploy: # a file that `make setup` wrote for development gives way to these values
	SUSI_ENVIRONMENT=production ALLOWED_HOSTS=susi.example.dk DATABASE_URL=postgres://susi@db/susi \
	CELERY_BROKER_URL=redis://redis/0 \
	SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))") \
	$(BIN)/python manage.py check --deploy --fail-level WARNING
