"""load_crm of all deals with their stage history, against COPY into the same tables."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2 import errors, extensions, sql

from benchmarks.results import note
from salesdash import embedded

NAME = "bench_load"
# Every file of the export, by the statement that writes it.
FILES = {
    "people": "SELECT id AS person, name FROM accounts_user",
    "customers": "SELECT id, name, industry, region FROM pipeline_customer",
    "stages": "SELECT name AS stage, outcome, probability, category FROM pipeline_stage",
    "deals": """SELECT d.id, d.name, d.customer_id AS customer, d.owner_id AS owner,
        s.name AS stage, d.amount, d.currency, d.created_at AS created, d.closed_at AS closed,
        d.lost_reason AS reason
        FROM pipeline_deal AS d JOIN pipeline_stage AS s ON s.id = d.stage_id""",
    "history": """SELECT v.row_id AS deal, s.name AS stage, v.valid_from AS entered, v.amount
        FROM pipeline_dealversion AS v JOIN pipeline_stage AS s ON s.id = v.stage_id
        WHERE v.recorded_to = 'infinity' AND NOT v.deleted""",
}
MAPPING = """
[process]
name = "Exported"

[[stages]]
file = "stages.csv"
columns = { name = "stage", outcome = "outcome", probability = "probability" }

[people]
file = "people.csv"
columns = { external_id = "person", name = "name" }

[customers]
file = "customers.csv"
columns = { external_id = "id", name = "name", industry = "industry", region = "region" }

[deals]
file = "deals.csv"

[deals.columns]
external_id = "id"
name = "name"
customer = "customer"
owner = "owner"
stage = "stage"
amount = "amount"
currency = "currency"
created_at = "created"
closed_at = "closed"
lost_reason = "reason"

[stage_history]
file = "history.csv"
columns = { deal = "deal", stage = "stage", entered_at = "entered", amount = "amount" }
"""
# Older versions only: the triggers write the present ones.
TABLES = {
    "pipeline_customer": "SELECT * FROM pipeline_customer",
    "pipeline_deal": "SELECT * FROM pipeline_deal",
    "pipeline_dealversion": "SELECT * FROM pipeline_dealversion WHERE valid_to < 'infinity'",
}


def measure(_rounds: int) -> None:
    """Print both, once each; into a database of their own."""
    address = embedded.database_url().replace("///salesdash?", f"///{NAME}?")
    with TemporaryDirectory(dir=os.environ["SALESDASH_DATA_DIR"]) as name:
        folder = Path(name)
        _export(folder)
        _make_database()
        _manage(address, "migrate", "--verbosity", "0")
        began = time.perf_counter()
        mapping = str(folder / "mapping.toml")
        options = ("--preset", "generic", "--mapping", mapping, "--verbosity", "0")
        _manage(address, "load_crm", str(folder), *options)
        loaded = time.perf_counter() - began
        print(f"{'load_crm, start of the program included':48}{loaded:9.1f} s", flush=True)
        copied, rows = _copied(address, folder, longest=loaded)
    what = "COPY, stopped unfinished" if rows is None else f"COPY of {rows} rows"
    print(
        f"{what:48}{copied:9.1f} s{'less than' if rows is None else '':>10}{loaded / copied:7.2f} ×"
    )
    note("load_crm with history against COPY", "×", loaded / copied)


def _export(folder: Path) -> None:
    for name, select in FILES.items():
        with (folder / f"{name}.csv").open("w") as out, connection.cursor() as cursor:
            cursor.copy_expert(f"COPY ({select}) TO STDOUT (FORMAT csv, HEADER)", out)
    (folder / "mapping.toml").write_text(MAPPING)


def _make_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        cursor.execute(f"CREATE DATABASE {NAME}")


def _manage(address: str, *command: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    }
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=embedded.PROJECT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _copied(address: str, folder: Path, *, longest: float) -> tuple[float, int | None]:
    """How long it takes to put the same rows into the same tables, emptied.

    Stopped where it takes longer than `longest`, since the triggers of each row may take many
    times as long as the load: then there is no number of rows.
    """
    database = psycopg2.connect(address)
    try:
        for table, select in TABLES.items():
            _copy(database, f"COPY ({select}) TO STDOUT (FORMAT binary)", folder / table, "wb")
        with database.cursor() as cursor:
            cursor.execute(
                "TRUNCATE pipeline_customer, pipeline_deal, pipeline_dealversion CASCADE"
            )
        database.commit()
        began, rows = time.perf_counter(), 0
        for table in TABLES:
            left = longest - (time.perf_counter() - began)
            with database.cursor() as cursor:
                cursor.execute(f"SET statement_timeout = {max(1, round(1000 * left))}")
            rows += _copy(
                database, f"COPY {table} FROM STDIN (FORMAT binary)", folder / table, "rb"
            )
        database.commit()
        return time.perf_counter() - began, rows
    except errors.QueryCanceled:
        return time.perf_counter() - began, None
    finally:
        database.close()


def _copy(database: extensions.connection, statement: str, path: Path, mode: str) -> int:
    with path.open(mode) as file, database.cursor() as cursor:
        cursor.copy_expert(sql.SQL(statement), file)
        return int(cursor.rowcount)
