"""An edit has the rules evaluated that it may move, without waiting for the clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from redis import Redis

from alerts import tasks
from alerts.models import Incident
from kpis.signals import facts_drained
from pipeline.actions import deals
from salesdash.celery import app
from tests.alerts.rules import make_rule
from tests.cast import Cast, make_deal

PATIENCE = 60.0


def queued() -> int:
    return int(Redis.from_url(settings.REDIS_URL).llen(app.conf.task_default_queue))


@pytest.fixture
def empty_queue() -> Iterator[None]:
    app.control.purge()
    yield
    app.control.purge()


def test_many_changes_ask_for_one_evaluation(db: None, empty_queue: None) -> None:
    for _ in range(3):
        facts_drained.send(sender=None, facts=frozenset({"deal", "customer"}))
    assert queued() == 1

    tasks.evaluate_alerts(["customer", "deal"])
    facts_drained.send(sender=None, facts=frozenset({"deal", "customer"}))
    assert queued() == 2


@pytest.mark.slow
@pytest.mark.xdist_group("site")
@pytest.mark.django_db(transaction=True)
def test_a_won_deal_opens_an_incident_without_beat(worker: Path, cast: Cast) -> None:
    make_rule(cast, direction="above", at=timezone.now())
    begun = timezone.now() - timedelta(days=1)
    deal = make_deal(cast, cast.minsu, 2, amount=12_000_000, created_at=begun)
    cache.clear()

    deals.win_deal(deal=deal, by=cast.minsu, revision=1, at=timezone.now())

    deadline = time.monotonic() + PATIENCE
    while not Incident.objects.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert Incident.objects.get().opened_value == 12_000_000
