"""One small demo company, written once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from pytest_django.plugin import DjangoDbBlocker

from periods import Calendar
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import seed

SEOUL = ZoneInfo("Asia/Seoul")
DEALS = 400
TODAY = date(2026, 11, 20)


def make_plan(seed: int = 1) -> Plan:
    """Four hundred deals up to the afternoon of 2026-11-20."""
    return Plan(DEALS, seed, datetime(2026, 11, 20, 15, tzinfo=SEOUL), Calendar(SEOUL))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan()


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker, plan: Plan) -> Iterator[Plan]:
    """The demo company in the database, taken back after the module's tests."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        seed(plan, say=lambda _line: None)
        yield plan
        transaction.set_rollback(True)
