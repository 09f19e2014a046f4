# What you can do here; `make` alone lists it. GNU make 3.81 or later, Python 3.11.

PYTHON ?= python3.11
PREPARE = "$(PYTHON)" scripts/prepare.py
APP = .venv/bin/python
RASA = .venv-rasa/bin/python
# More options for pytest, as in: make test PYTEST="-x -k meeting"
PYTEST ?=
SOURCES = bot actions scripts tests
# The messages that make nlu-report reads.
TEST ?= $(wildcard tests/nlu/??.jsonl)
# For make nlu-compare and make bench. QUICK=1: few messages and epochs, to see that all of it runs; KEEP=1: the newest
# stock model, though the messages changed since; EPOCHS=n: instead of stock's 100.
BENCHMARK = $(if $(QUICK),--quick) $(if $(KEEP),--keep) $(if $(EPOCHS),--epochs "$(EPOCHS)")
# For make simulate.
SIMULATION = $(if $(AGENTS),--agents "$(AGENTS)") $(if $(ARRIVALS),--arrivals "$(ARRIVALS)") $(if $(SEED),--seed "$(SEED)") \
	$(if $(PLACES),--places "$(PLACES)") $(if $(NEEDED),--needed "$(NEEDED)")

APP_TESTS = $(APP) -m pytest --ignore=tests/rasa_ext $(PYTEST)
RASA_TESTS = $(RASA) -m pytest -c tests/rasa_ext/pytest.ini $(PYTEST) tests/rasa_ext

.DEFAULT_GOAL := help
.PHONY: help run test test-fast check train talk locales knowledge-report language-report nlu-report nlu-compare bench simulate clean python

help: ## list what you can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: python ## everything on http://localhost:8080, installed and trained first if need be
	@$(PREPARE) environments catalogues model
	@exec $(APP) -m bot up

test: python ## all tests, with a browser, PostgreSQL and Redis
	@$(PREPARE) test-environments catalogues model chromium
	@export PASSERELLE_CHROMIUM="$$($(PREPARE) chromium-path)"; \
		$(APP_TESTS)
	@$(RASA_TESTS)

test-fast: python ## the tests that need no model, browser or real server
	@$(PREPARE) test-environments catalogues
	@$(APP_TESTS) -m "not slow"
	@$(RASA_TESTS) -m "not slow"

check: python ## format, lint, types, imports, sentences, messages, rules
	@$(PREPARE) test-environments catalogues
	@$(APP) -m ruff format --check $(SOURCES)
	@$(APP) -m ruff check $(SOURCES)
	@$(APP) -m mypy
	@.venv/bin/lint-imports
	@$(APP) scripts/locales.py check
	@$(APP) scripts/nlu_data.py check
	@$(APP) scripts/rasa_data.py check

train: python ## the model, into models/, whether it is stale or not
	@$(PREPARE) environments
	@rm -f models/passerelle.tar.sources
	@$(PREPARE) model

talk: ## the assistant in this terminal, while make run runs elsewhere
	@$(APP) -m bot talk

locales: python ## bring the .po files to their sources, and compile them
	@$(PREPARE) environments
	@$(APP) scripts/locales.py update
	@$(APP) scripts/locales.py compile

knowledge-report: python ## facts by confidence and age, links, words by language; REPORT=folder, TODAY=2027-11-22
	@$(PREPARE) environments catalogues
	@$(APP) -m scripts.knowledge_report $(if $(REPORT),--report "$(REPORT)") $(if $(TODAY),--today "$(TODAY)")

language-report: python ## which language messages are in: shares on held-out ones, and other languages
	@$(PREPARE) environments
	@PYTHONPATH=. PYTHONWARNINGS=ignore $(RASA) scripts/language_report.py

nlu-report: python ## accuracy of the model; TEST=file.jsonl, REPORT=out.json, PICTURES=folder
	@$(PREPARE) environments model
	@PYTHONPATH=. PYTHONWARNINGS=ignore $(RASA) scripts/nlu_report.py models/passerelle.tar.gz $(TEST) --dangers tests/nlu/emergency.jsonl $(if $(REPORT),--out "$(REPORT)") $(if $(PICTURES),--pictures "$(PICTURES)")

nlu-compare: python ## understanding beside a stock Rasa's; trains that one first, for hours
	@$(PREPARE) test-environments catalogues model stock
	@$(APP) -m scripts.nlu_compare $(BENCHMARK)

bench: python ## speed and memory beside a stock Rasa's, and the app's own share
	@$(PREPARE) test-environments catalogues model stock
	@$(APP) -m scripts.bench $(BENCHMARK)

simulate: python ## a year of first meetings, replayed; AGENTS=89, ARRIVALS=14459, SEED=2027, PLACES=2, NEEDED=0.99
	@$(PREPARE) environments catalogues
	@$(APP) -m scripts.simulate $(SIMULATION)

clean: ## remove what make has made; var/ (conversations, logs) stays
	rm -rf .venv .venv-rasa .venv-stock .uv .rasa models .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find locales -name '*.mo' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@"$(PYTHON)" -c "" 2>/dev/null || { \
	  echo "Passerelle needs Python 3.11, and $(PYTHON) is no Python here: make PYTHON=/path/to/python3.11 run" >&2; exit 1; }
