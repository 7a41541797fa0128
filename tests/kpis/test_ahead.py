"""What is likely to be asked is known before anybody asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from kpis import ahead, tasks
from kpis.ahead import read_ahead
from kpis.drain import drain
from kpis.evaluate import answer
from kpis.models import Recalled
from kpis.parameters import question_from
from kpis.tasks import read_ahead_of_questions
from pipeline.models import Deal
from tests.cast import Cast, make_deal, seoul
from tests.kpis.storing import NOW

pytestmark = pytest.mark.usefixtures("stored_values")
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def won(cast: Cast, stored_values: None, monkeypatch: pytest.MonkeyPatch) -> Deal:
    monkeypatch.setattr(ahead, "PERIODS", ("last-month",))
    deal = make_deal(cast, cast.minsu, cast.won, closed_at=seoul(2026, 2, 4))
    drain()
    return deal


KPIS = ("sales_cycle", "open_pipeline", "win_rate", "cac_payback")


@pytest.mark.usefixtures("won")
def test_whoever_asks_first_finds_it_known(cast: Cast) -> None:
    assert read_ahead(at=NOW, seconds=600)
    viewer = User.objects.get(pk=cast.eunji.pk)
    asked = [
        question_from(kpi, {"scope": scope, "period": "last-month"}, viewer=viewer, at=LATER)
        for scope in ("company", "team:seoul-1")
        for kpi in KPIS
    ]
    with CaptureQueriesContext(connection) as queries:
        answer(asked, viewer=viewer, at=LATER)
    assert not [query["sql"] for query in queries if '"number"' in query["sql"]]


@pytest.mark.usefixtures("won")
def test_it_ends_where_its_time_does() -> None:
    assert not read_ahead(at=NOW, seconds=0)


@pytest.mark.usefixtures("won")
def test_nobody_is_asked_for_where_nobody_sees_all() -> None:
    User.objects.filter(role__in=["executive", "finance"]).update(is_active=False)
    assert read_ahead(at=NOW, seconds=600)
    assert not Recalled.objects.exists()


def test_nothing_is_read_again_until_a_fact_changes(
    won: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "AHEAD_SECONDS", 600)
    cache.clear()
    read_ahead_of_questions()
    known = Recalled.objects.count()
    assert known
    Recalled.objects.all().delete()
    read_ahead_of_questions()
    assert not Recalled.objects.exists()
    Deal.objects.filter(pk=won.pk).update(amount=7)
    drain()
    read_ahead_of_questions()
    assert Recalled.objects.count() == known
