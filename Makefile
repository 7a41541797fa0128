.PHONY: setup run test check bench clean
SHELL := /bin/sh

setup:
	@test -x .venv/bin/python

run: setup
	@exec .venv/bin/python -m salesdash.run

test: setup
	.venv/bin/python -m pytest -n 2

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
