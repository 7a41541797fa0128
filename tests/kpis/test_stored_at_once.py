"""Editors, drains, a filling and readers at the same time: no reader sees a wrong figure."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings

from accounts.scope import COMPANY
from kpis.drain import drain
from kpis.evaluate import answer
from kpis.questions import Question
from kpis.storage import keeping
from pipeline.models import Deal, Touched
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.storing import NOW, differing, fill

SECONDS = 6.0


@pytest.fixture
def deals(cast: Cast) -> list[int]:
    customers = [make_customer(), make_customer("Saebyeok")]
    owners = (cast.minsu, cast.jiwoo, cast.bora)
    made = [
        make_deal(
            cast,
            owners[number % 3],
            (cast.won, cast.lost)[number % 2],
            customer=customers[number % 2],
            closed_at=seoul(2026, 1 + number % 2, 1 + number),
        )
        for number in range(12)
    ]
    return [deal.pk for deal in made]


def edit(cast: Cast, deals: list[int], chance: random.Random) -> None:
    deal = Deal.objects.filter(pk=chance.choice(deals))
    with transaction.atomic():
        deal.update(closed_at=seoul(2026, chance.randint(1, 2), chance.randint(1, 28)))
        deal.update(amount=chance.randint(0, 1000), owner=chance.choice([cast.minsu, cast.bora]))


def read(cast: Cast, some: list[Question]) -> bool:
    """Both ways, from one snapshot; whether stored values answered."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with override_settings(STORED_VALUES=False):
            facts = answer(some, viewer=cast.eunji, at=NOW)
        found = answer(some, viewer=cast.eunji, at=NOW)
        assert [(one.result, one.rows) for one in found] == [
            (one.result, one.rows) for one in facts
        ]
        return not Touched.objects.exists()


@dataclass
class Crowd:
    """Threads that each do one thing again and again, until the time is up or one fails."""

    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    stop: threading.Event = field(default_factory=threading.Event)

    def repeat(self, act: Callable[[], Any], pause: float) -> None:
        try:
            while time.monotonic() < self.until and not self.stop.is_set():
                act()
                time.sleep(pause)
        except BaseException:
            self.stop.set()
            raise
        finally:
            connection.close()


@pytest.fixture
def filled(deals: list[int], settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    settings.STORED_VALUES = True
    monkeypatch.setattr(keeping, "MONTHS_AHEAD", 0)
    monkeypatch.setattr(keeping, "MONTHS_AT_LEAST", 1)
    monkeypatch.setattr(keeping, "MONTHS_BEFORE_FACTS", 0)
    fill()
    return deals


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_reader_sees_a_wrong_figure(cast: Cast, filled: list[int]) -> None:
    months = cast.company.calendar.parse("2026-01-01..2026-02-28", at=NOW)
    splits = ("", "month", "rep", "team")
    some = [Question("won_revenue", COMPANY, months, by=by) for by in splits]
    some.append(Question("win_rate", COMPANY, months))
    chance = random.Random(1)
    acts: list[tuple[Callable[[], Any], float]] = [
        (lambda: edit(cast, filled, chance), 0.5),
        (lambda: edit(cast, filled, chance), 0.7),
        (drain, 0.02),
        (drain, 0.03),
        (lambda: list(keeping.fill(at=NOW, before=NOW)) and fill(), 0.5),
        (lambda: read(cast, some), 0),
    ]
    crowd = Crowd()
    with ThreadPoolExecutor(len(acts)) as threads:
        running = [threads.submit(crowd.repeat, *act) for act in acts]
    for each in running:
        each.result()
    drain()
    fill()
    assert differing() == {}
    assert read(cast, some)
