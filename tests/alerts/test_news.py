"""Only the pages of those who may see an incident or a rule hear of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.scope import reach
from alerts.actions import acknowledge
from alerts.detect import evaluate
from alerts.models import Incident
from kpis.live import Change
from tests.alerts.rules import NOW, make_rule
from tests.cast import Cast

Read = Callable[[], list[Change]]


@pytest.fixture
def heard() -> Iterator[Read]:
    """Answers what was published since the last time."""
    client: Any = Redis.from_url(settings.REDIS_URL)
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(settings.LIVE_CHANNEL)
    listener.get_message(timeout=1)

    def read() -> list[Change]:
        found: list[Change] = []
        while message := listener.get_message(timeout=0.2):
            found.extend(Change.read(each) for each in json.loads(message["data"]))
        return found

    yield read
    listener.close()


@pytest.mark.parametrize(
    ("scope", "hearers"),
    [
        ("company", set()),
        ("team:seoul-1", {"Rho", "Lee"}),
        ("team:busan", set()),
        ("user:minsu", {"Rho", "Lee", "Minsu"}),
    ],
)
def test_a_crossing_is_heard_by_those_who_may_see_it(
    cast: Cast, heard: Read, scope: str, hearers: set[str]
) -> None:
    make_rule(cast, scope=scope.replace("minsu", str(cast.minsu.pk)))
    evaluate(at=NOW)
    changes = heard()
    assert {change.fact for change in changes} == {"incident", "alert"}
    for change in changes:
        told = {p.name for p in cast.everyone if reach(p).sees(change.owners, change.teams)}
        assert not change.everyone
        assert told == {"Eunji", "Finn", "Sam"} | hearers


def test_who_looks_after_an_incident_is_heard_once(
    cast: Cast, heard: Read, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    make_rule(cast)
    evaluate(at=NOW)
    heard()
    for person in (cast.eunji, cast.finn):
        with django_capture_on_commit_callbacks(execute=True):
            acknowledge(incident=Incident.objects.get(), by=person, at=NOW)

    assert [change.fact for change in heard()] == ["incident", "alert"]


def test_where_no_figure_moves_nobody_hears_anything(cast: Cast, heard: Read) -> None:
    make_rule(cast, threshold=-1)
    evaluate(at=NOW)
    assert [change.fact for change in heard()] == ["alert"]
    evaluate(at=NOW.replace(minute=1))
    assert heard() == []
