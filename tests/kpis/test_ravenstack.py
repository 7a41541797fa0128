"""Retention and churn of a real shape of subscriptions, against their naive seconds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from accounts.models import Company, User
from accounts.roles import Role
from accounts.scope import resolve
from kpis.evaluate import answer
from kpis.questions import Question
from kpis.records import records
from pipeline.importers.loading import load
from pipeline.importers.mapping import read_mapping
from pipeline.importers.report import Report
from tests.cast import seoul
from tests.kpis.test_naive import naive, same, world_of
from tests.planner import know_the_tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("subscriptions")]

NOW = seoul(2025, 1, 20, 9)
KEYS = ("nrr", "grr", "churned_value", "retention_rate", "renewal_rate")


@pytest.fixture(scope="module")
def subscriptions(
    django_db_setup: None, django_db_blocker: Any, shared_data: Path, tmp_path_factory: Any
) -> Iterator[None]:
    """The subscriptions, loaded once for the module and gone with it."""
    report = Report(rejected_folder=tmp_path_factory.mktemp("rejected"), stamp="ravenstack")
    mapping = read_mapping(settings.BASE_DIR / "docs" / "mappings" / "subscriptions.toml")
    file = shared_data / "ravenstack" / "ravenstack_subscriptions.csv"
    with django_db_blocker.unblock(), transaction.atomic():
        company = Company.current()
        company.currency = "USD"
        company.save()
        load(file, mapping, report, currency="USD")
        know_the_tables()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def eunji(db: None) -> User:
    return User.objects.create_user("eunji@example.com", role=Role.EXECUTIVE, language="en")


def question(viewer: User, key: str, code: str) -> Question:
    return Question(key, resolve("company", viewer), Company.current().calendar.parse(code, at=NOW))


@pytest.mark.parametrize("code", ["2024", "2024-Q4", "2025-01"])
def test_every_figure_of_contracts_equals_its_naive_second(eunji: User, code: str) -> None:
    questions = [question(eunji, key, code) for key in KEYS]
    world = world_of(questions[0].period, None, now=NOW)
    # The naive seconds take won for the company's own currency.
    world.contracts = [{**row, "currency": "KRW"} for row in world.contracts]
    for found in answer(questions, viewer=eunji, at=NOW):
        expected = naive(world, found.kpi.key, found.basis.key)
        assert same(found.value, expected), found.kpi.key


def test_what_runs_at_the_end_of_2024_opens_to_its_rows(eunji: User) -> None:
    # The published monthly revenue at the end of the year is all that a new year begins with.
    found = records(question(eunji, "nrr", "2025-01"), viewer=eunji, at=NOW, part="denominator")
    assert found.total == Decimal(10_159_608)
    assert sum(row["contribution"] for row in found.rows) == found.total
