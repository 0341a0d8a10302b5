# `make help` lists what there is. Needs make, git and any Python from 3.11 to 3.13; everything else goes into .venv.

.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
YIKU_HOME ?= .yiku
export YIKU_HOME
DEMO_DATE := 2017-11-20
UV_VERSION := 0.13.9
# Two test processes on two cores, a module in one of them (some make a whole night); PYTEST_ARGS="tests/unit -n 0" for one.
# Nights come first as they stand, not modules of many tests: a night that begins last leaves one core idle.
PYTEST_ARGS ?= -n 2 --dist loadscope --no-loadscope-reorder

# A name on the PATH may be a shim that fails when called: each candidate has to prove itself.
CANDIDATES := python3.12 python3.13 python3.11 python3 python
PROOF := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in $(CANDIDATES); do "$$p" -c "$(PROOF)" >/dev/null 2>&1 && { command -v "$$p"; break; }; done)
STAMP := $(VENV)/.ready
LOCKS := requirements.lock requirements-dev.lock
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The machine's own certificates, as pip uses them: offices have proxies.
UV = UV_SYSTEM_CERTS=1 VIRTUAL_ENV="$(abspath $(VENV))" $(BIN)/python -m uv

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: $(STAMP) ## lay out the demo counties, run a night through Airflow, say what came of it
	@$(BIN)/yiku demo-inbox "$(YIKU_HOME)/demo-inbox"
	@$(BIN)/yiku nightly --inbox "$(YIKU_HOME)/demo-inbox" --date $(DEMO_DATE)

.PHONY: test
test: $(STAMP) ## run the tests
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: lint
lint: $(STAMP) ## ruff, mypy, sqlfluff and dbt parse
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests
	$(BIN)/dbt --quiet parse --no-partial-parse --project-dir dbt_project --profiles-dir dbt_project \
	  --target-path "$(abspath $(YIKU_HOME))/run/dbt-parse" --log-path "$(abspath $(YIKU_HOME))/logs" \
	  --vars '{business_date: "$(DEMO_DATE)"}'

.PHONY: staging
staging: $(STAMP) ## write dbt's sources and staging models anew from the contracts
	@$(BIN)/python -m yiku.staging_models

.PHONY: new-list
new-list: $(STAMP) ## write the skeleton of a list: LIST=N05 NAME=healthy_village TITLE=健康村建设表
	@$(BIN)/yiku new-list "$(LIST)" --name "$(NAME)" --title "$(TITLE)" $(NEW_LIST_ARGS)

.PHONY: bench
bench: $(STAMP) ## measure intake, answers, whole nights, proposals and printing against what else could be done, and where the time goes
	@$(BIN)/python -m benchmarks.intake
	@$(BIN)/python -m benchmarks.returns
	@$(BIN)/python -m benchmarks.night
	@$(BIN)/python -m benchmarks.pairing
	@$(BIN)/python -m benchmarks.paper

.PHONY: bench-province
bench-province: $(STAMP) ## measure nights of 3, 10 and 30 counties, and how they grow (SIZES="3 10" PROVINCE_ARGS="--scale 4")
	@$(BIN)/python -m benchmarks.province $(SIZES) $(PROVINCE_ARGS)

KILLS ?= 200
SEED ?= 2017

.PHONY: torture
torture: $(STAMP) ## kill a night's processes KILLS times at moments that SEED gives, and compare with an undisturbed world
	@cd tests/integration && PYTHONPATH=..:. "$(abspath $(BIN))/python" -u -m torture --kills $(KILLS) --seed $(SEED)

# A fuzzer that is no part of the product: in an environment of its own, which sees the packages of ours.
FUZZ_VENV ?= .venv-fuzz
FUZZ_STAMP := $(FUZZ_VENV)/.ready
FUZZ_PATH = $(abspath $(wildcard $(VENV)/lib/python*/site-packages)):include:tests:tests/unit
FOUND ?= $(YIKU_HOME)/fuzz
SECONDS ?= 60

.PHONY: fuzz
fuzz: $(STAMP) $(FUZZ_STAMP) ## feed each reader of files bytes for SECONDS, guided by the code that they reach (Python 3.11 or 3.12)
	@mkdir -p "$(FOUND)"
	@for target in $$(PYTHONPATH="$(FUZZ_PATH)" $(FUZZ_VENV)/bin/python tests/fuzz.py list 2>/dev/null); do \
	  echo "$$target"; \
	  PYTHONPATH="$(FUZZ_PATH)" $(FUZZ_VENV)/bin/python tests/fuzz.py "$$target" "$(FOUND)" -max_total_time=$(SECONDS) 2>&1 | \
	    grep -aE '^Done|ERROR|slowest_unit|peak_rss|written to'; \
	done

$(FUZZ_STAMP):
	@$(BIN)/python -m venv $(FUZZ_VENV)
	@$(FUZZ_VENV)/bin/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	@touch $@

.PHONY: figures
figures: $(STAMP) ## count how the code reads, each figure beside its aim
	@$(BIN)/python -m benchmarks.figures

.PHONY: docs
docs: $(STAMP) ## write the pages of docs/ that are made from contracts, rules, models and the database
	@$(BIN)/python -m yiku.pages

# Superset's packages and ours cannot live in one environment.
BI_VENV ?= .venv-bi
BI_STAMP := $(BI_VENV)/.ready
BI_LOCK := include/superset/superset.lock
BI_PYTHON ?= $(shell for p in python3.12 python3.11 $(PYTHON); do "$$p" -c "import sys, venv, ensurepip; \
  sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))" >/dev/null 2>&1 && { command -v "$$p"; break; }; done)

.PHONY: bi
bi: $(STAMP) $(BI_STAMP) ## serve the dashboards on the demo warehouse (after make demo), in a Superset of their own
	@$(BIN)/yiku superset serve --python $(BI_VENV)/bin/python

.PHONY: bi-setup
bi-setup: $(STAMP) $(BI_STAMP) ## only set up Superset's environment (one minute, 0.8 GB)

$(BI_STAMP): $(BI_LOCK)
	@if [ -z "$(BI_PYTHON)" ]; then echo "Superset needs Python 3.11 or 3.12; name one with BI_PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@echo "Setting up $(BI_VENV) with $(BI_PYTHON) …"
	@"$(BI_PYTHON)" -m venv $(BI_VENV)
	@$(UV) pip sync --quiet --python "$(abspath $(BI_VENV))/bin/python" --require-hashes --compile-bytecode $(BI_LOCK) || \
	  { echo "uv cannot be used here; pip takes some minutes longer"; \
	    $(BI_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(BI_LOCK); }
	@touch $@

.PHONY: bi-bundle
bi-bundle: $(STAMP) ## write the dashboards' bundle anew from include/superset/dashboards.yml and the marts
	@$(BIN)/python -m yiku.bi.write_bundle

.PHONY: bi-lock
bi-lock: $(STAMP) ## write Superset's lock anew from include/superset/superset.in (LOCK_BEFORE as for lock)
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url $(if $(LOCK_BEFORE),--exclude-newer $(LOCK_BEFORE)) \
	  --output-file $(BI_LOCK) include/superset/superset.in

.PHONY: up
up: $(STAMP) ## start Postgres and Airflow with its web page in the background
	@$(BIN)/yiku up

.PHONY: down
down: ## stop all that runs in the background
	@if [ -x $(BIN)/yiku ]; then $(BIN)/yiku down; fi

.PHONY: setup
setup: $(STAMP) ## only set up .venv (the others do it by themselves)

# Production installs requirements.lock; requirements-dev.lock holds what the demo, the tests and the linters add to it.
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header --only-binary :all: \
  --no-emit-index-url $(if $(LOCK_BEFORE),--exclude-newer $(LOCK_BEFORE))

.PHONY: lock
lock: $(STAMP) ## write both locks anew from pyproject.toml (LOCK_BEFORE=YYYY-MM-DD keeps them from drifting)
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra dev --constraint requirements.lock \
	  $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.lock) \
	  --output-file requirements-dev.lock pyproject.toml

.PHONY: clean
clean: down ## remove .venv and all state: database, archive, outbox
	rm -rf "$(VENV)" "$(BI_VENV)" "$(FUZZ_VENV)" "$(YIKU_HOME)" dbt_project/target dbt_project/logs

# uv installs in seconds; where it cannot be had, pip does the same from the same hashes. Both compile what they install:
# where Python may keep no bytecode, each process would otherwise compile Airflow, dbt and pandas anew.
$(STAMP): $(LOCKS) pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
	  echo "No working Python 3.11, 3.12 or 3.13 with venv was found; name one with PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@echo "Setting up $(VENV) with $(PYTHON) …"
	@"$(PYTHON)" -m venv $(VENV)
	@$(PIP) uv==$(UV_VERSION) || true
	@{ $(UV) pip sync --quiet --require-hashes --no-build --compile-bytecode $(LOCKS) && \
	   $(UV) pip install --quiet --no-deps --no-build-isolation --editable . ; } || \
	 { echo "uv cannot be used here; pip takes a minute longer"; \
	   $(PIP) --require-hashes --only-binary :all: $(addprefix -r ,$(LOCKS)) && \
	   $(PIP) --no-deps --no-build-isolation --editable . ; }
	@$(BIN)/python -m compileall -q include
	@touch $@
