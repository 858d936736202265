# Three commands on a new machine with Python 3.11, git and make:
#   make run    installs what the main job needs and converts the recording in examples/
#   make test   installs what the tests need besides, and runs them
#   make serve  installs what the server needs, and opens the pages on this machine
# All can be run again and again.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
ENVIRONMENT := .venv
RUN := $(ENVIRONMENT)/bin/python

.PHONY: run serve test check clean

run: $(ENVIRONMENT)/installed
	@echo "== python detect.py examples/recording.wav happy youngwoman"
	@$(RUN) detect.py examples/recording.wav happy youngwoman

serve: $(ENVIRONMENT)/installed-web
	@echo "== python detect.py serve"
	@$(RUN) detect.py serve --open

test: $(ENVIRONMENT)/installed-tests
	@echo "== pytest"
	@OMP_NUM_THREADS=1 $(RUN) -m pytest -q -n 2 --dist worksteal

check: $(ENVIRONMENT)/installed-tests
	@echo "== ruff, mypy"
	@$(RUN) -m ruff check . && $(RUN) -m ruff format --check . && $(RUN) -m mypy

$(ENVIRONMENT)/bin/python:
	@echo "== a virtual environment in $(ENVIRONMENT)"
	@$(PYTHON) -m venv $(ENVIRONMENT)
	@$(RUN) -m pip install --quiet --upgrade pip

$(ENVIRONMENT)/installed: pyproject.toml | $(ENVIRONMENT)/bin/python
	@echo "== installing what the main job needs"
	@$(RUN) -m pip install --quiet --editable .
	@touch $@

$(ENVIRONMENT)/installed-web: pyproject.toml | $(ENVIRONMENT)/bin/python
	@echo "== installing what the server needs"
	@$(RUN) -m pip install --quiet --editable '.[web]'
	@touch $@ $(ENVIRONMENT)/installed

$(ENVIRONMENT)/installed-tests: pyproject.toml | $(ENVIRONMENT)/bin/python
	@echo "== installing what the tests need"
	@$(RUN) -m pip install --quiet --editable '.[test,train,finetune,emotivoice,naturalness,alerts,postgresql,microphone,watch,web,whisper,storage]'
	@touch $@ $(ENVIRONMENT)/installed $(ENVIRONMENT)/installed-web

clean:
	rm -rf $(ENVIRONMENT) build dist .pytest_cache .ruff_cache .mypy_cache
