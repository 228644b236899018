# Every target makes the machine ready first; where that is done already it takes no time.
# Needed: Python 3.11 or newer, git and make.

PYTHON = $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; \
	done)
BIN := .venv/bin

READY := .venv/.ready

.PHONY: help demo test check soak fuzz bench pictures docs wheel fresh

help:
	@echo "make demo    a whole campaign against the practice site on this machine, in simulated time"
	@echo "make test    make check, then all tests"
	@echo "make check   format, lint, types and imports"
	@echo "make soak    breaks of the code, 100,000 crashes in simulated lives, 200 SIGKILLs, a month of stints; SEED=n one life"
	@echo "make fuzz    1,000,000 reads of broken pages; SEED=n one of them"
	@echo "make bench   measure"
	@echo "make docs    the documentation as a site, in out/site"
	@echo "make wheel   what pipx and uv install, in dist"
	@echo "make fresh   follow README and docs word for word in a new Debian; root, about six minutes"
	@echo "make pictures  take the README's pictures anew"

$(READY): pyproject.toml uv.lock tools/setup.py tools/vendor.py tools/vendor.lock.json
	@python=$(PYTHON); test -n "$$python" || { echo "Python 3.11 or newer is needed"; exit 1; }; \
	$$python tools/setup.py

demo: $(READY)
	@$(BIN)/leadwright demo

check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: check
	@$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

soak: $(READY)
ifdef SEED
	@PYTHONPATH=tests $(BIN)/python -m simulation.soak --seed $(SEED)
else
	@PYTHONPATH=tests $(BIN)/python -m simulation.soak --breaks
	@PYTHONPATH=tests $(BIN)/python -m simulation.soak
	@PYTHONPATH=tests $(BIN)/python -m process.soak
	@PYTHONPATH=tests $(BIN)/python -m process.month
endif

fuzz: $(READY)
ifdef SEED
	@PYTHONPATH=tests $(BIN)/python -m fuzz --reads 1 --seed $(SEED)
else
	@PYTHONPATH=tests $(BIN)/python -m fuzz
endif

bench: $(READY)
	@$(BIN)/python -m bench
	@PYTHONPATH=tests $(BIN)/python -m simulation.year

pictures: $(READY)
	@$(BIN)/python -m tools.pictures

docs: $(READY)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "out/site/index.html"

wheel: $(READY)
	@$(BIN)/python -m tools.wheel

fresh: $(READY)
	@$(BIN)/python -m tools.fresh
