"""The same plan gives the same company, and no other company is touched."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection

from pipeline.demo.bare import bare
from pipeline.demo.people import DEMO_SIGN_INS, demo_password, demo_sign_ins
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import imagine
from pipeline.demo.tables import Picked, Rows
from pipeline.models import Deal
from tests.cast import Cast
from tests.pipeline.demo.conftest import make_plan


def fingerprint(plan: Plan) -> dict[str, str]:
    """A hash of every table, rows and versions."""
    return {
        table.model.__name__: _hash(table.rows) + (_hash(table.past) if table.past else "")
        for table in imagine(plan, password_hash="!")
    }


def _hash(rows: Rows) -> str:
    digest = sha256()
    for name, column in sorted(rows.columns.items()):
        values: Any = column.texts[column.places] if isinstance(column, Picked) else column
        digest.update(f"{name}{np.asarray(values).tolist()}".encode())
    return digest.hexdigest()


def test_the_same_plan_gives_the_same_rows() -> None:
    assert fingerprint(make_plan()) == fingerprint(make_plan())


def test_another_seed_gives_other_rows() -> None:
    one, other = fingerprint(make_plan(seed=1)), fingerprint(make_plan(seed=2))
    same = {name for name in one if one[name] == other[name]}
    assert same == {"Team", "SalesProcess", "Stage", "Criterion", "Source", "Product"}


@pytest.mark.django_db
def test_a_company_with_data_is_left_alone(cast: Cast) -> None:
    with pytest.raises(CommandError, match="only for an empty one"):
        call_command("seed_demo", "--deals", "100", stderr=StringIO())
    assert Deal.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("options", [["--deals", "3"], ["--seed", "-1"]])
def test_options_that_make_no_sense_are_refused(options: list[str]) -> None:
    with pytest.raises(CommandError, match="must"):
        call_command("seed_demo", *options, stderr=StringIO())


@pytest.mark.django_db
def test_the_command_says_who_signs_in_and_they_can() -> None:
    out = StringIO()
    call_command(
        "seed_demo", "--deals", "60", "--until", "2026-11-20", stdout=out, stderr=StringIO()
    )
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert [label for label, _email, _password in lines] == [
        "executive:", "finance:", "lead:", "rep:", "staff:",
    ]  # fmt: skip
    for (_label, email, password), account in zip(lines, DEMO_SIGN_INS, strict=True):
        person = authenticate(username=email, password=password)
        assert person is not None
        assert person.role == account.role


@pytest.mark.django_db
def test_nobody_signs_in_where_no_demo_was_loaded() -> None:
    assert demo_sign_ins() == ()


def test_the_password_is_made_once_and_is_the_owners_alone(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.delenv("SALESDASH_DEMO_PASSWORD", raising=False)
    password = demo_password()
    assert demo_password() == password
    assert stat.S_IMODE((tmp_path / "demo-password").stat().st_mode) == 0o600
    monkeypatch.setenv("SALESDASH_DEMO_PASSWORD", "chosen")
    assert demo_password() == "chosen"


@pytest.mark.django_db
def test_bare_tables_get_back_every_index_constraint_and_trigger() -> None:
    before = _parts("pipeline_deal")
    with bare(["pipeline_deal", "pipeline_dealversion"]):
        assert len(_parts("pipeline_deal")["indexes"]) == 1
    assert _parts("pipeline_deal") == before


def _parts(table: str) -> Mapping[str, set[tuple[str, ...]]]:
    questions = {
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s",
        "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass",
        "triggers": "SELECT tgname, tgenabled FROM pg_trigger"
        " WHERE tgrelid = %s::regclass AND NOT tgisinternal",
    }
    found = {}
    with connection.cursor() as cursor:
        for name, question in questions.items():
            cursor.execute(question, [table])
            found[name] = set(cursor.fetchall())
    return found
