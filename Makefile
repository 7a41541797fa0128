# `make run` and `make test` are all that is needed; the rest is for those who change the code.
.PHONY: run test check bench lock messages setup setup-dev browser clean
.DELETE_ON_ERROR:
# Where it is set, each of many programs would compile every library anew.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.9
BIN := .venv/bin
# The first of these that runs (a version manager's shim may not) and fits.
FITS := import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))
PYTHONS := python3.12 python3.11 python3

run: setup
	@exec $(BIN)/python -m salesdash.run

test: setup-dev browser
	@$(BIN)/python manage.py messages --compile
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py messages --check
	SITE_URL=https://sales.example.com $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: setup-dev
	@$(BIN)/python -m benchmarks

messages: setup-dev
	$(BIN)/python manage.py messages --update

lock: $(BIN)/uv
	@for name in requirements requirements-dev requirements-node; do \
		$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE) \
			$$name.in -o $$name.txt || exit 1; \
	done

setup: .venv/.installed
	@$(BIN)/python -m salesdash.frontend

setup-dev: .venv/.installed-dev
	@$(BIN)/python -m salesdash.frontend

browser:
	@$(BIN)/python -m tests.chromium

$(BIN)/uv:
	@for python in $(PYTHONS); do \
		if $$python -c '$(FITS)' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo 'SalesDash needs Python 3.11 or 3.12 with its venv module.' >&2; \
		echo 'On Debian or Ubuntu: apt-get install python3 python3-venv' >&2; \
		exit 1; \
	fi; \
	$$found -m venv --clear .venv && \
	$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)

.venv/.installed: requirements.txt | $(BIN)/uv
	@$(BIN)/uv pip install -q --python $(BIN)/python -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@$(BIN)/uv pip install -q --python $(BIN)/python -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache
