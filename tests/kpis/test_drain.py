"""What changed reaches the open pages, through marks that nothing can lose."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from redis import ConnectionError as Unreachable
from redis import Redis

from kpis import tasks
from kpis.drain import changes, drain
from kpis.live import Change
from pipeline.actions import deals
from pipeline.actions.activities import log_activity
from pipeline.models import Deal, Stage, Touched
from salesdash.celery import app
from tests.cast import Cast, make_deal, seoul

NOW = seoul(2026, 3, 16, 12)
SECONDS = 5.0


class Channel:
    """What is published, as the streams receive it."""

    def __init__(self, pubsub: Any) -> None:
        self.pubsub = pubsub

    def changes(self, seconds: float = SECONDS) -> list[Change]:
        """The changes of the next message; none if none comes."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            message = self.pubsub.get_message(timeout=0.05)
            if message:
                return [Change.read(found) for found in json.loads(message["data"])]
        return []


@pytest.fixture
def channel() -> Iterator[Channel]:
    redis = Redis.from_url(settings.REDIS_URL)
    with redis.pubsub(ignore_subscribe_messages=True) as pubsub:  # type: ignore[no-untyped-call]
        pubsub.subscribe(settings.LIVE_CHANNEL)
        pubsub.get_message(timeout=1)
        yield Channel(pubsub)


@pytest.fixture
def deal(cast: Cast) -> Deal:
    deal = make_deal(cast, cast.minsu, 2)
    Touched.objects.all().delete()
    return deal


def queued() -> int:
    return int(Redis.from_url(settings.REDIS_URL).llen(app.conf.task_default_queue))


def test_a_moved_deal_is_told_to_its_owner_and_team(
    cast: Cast, deal: Deal, channel: Channel
) -> None:
    deals.move_deal(deal=deal, to=cast.stages[2], by=cast.minsu, revision=1, at=NOW)
    assert drain().marks == 2
    minsu, seoul_1 = frozenset({cast.minsu.pk}), frozenset({cast.teams["seoul-1"].pk})
    assert channel.changes() == [Change("deal", minsu, seoul_1)]
    assert not Touched.objects.exists()


def test_a_reassigned_deal_is_told_to_both_owners(cast: Cast, deal: Deal, channel: Channel) -> None:
    deals.reassign_deal(deal=deal, to=cast.bora, by=cast.eunji, revision=1, at=NOW)
    drain()
    (change,) = channel.changes()
    assert change.owners == {cast.minsu.pk, cast.bora.pk}
    assert change.teams == {cast.teams["seoul-1"].pk, cast.teams["busan-1"].pk}


def test_a_contact_is_told_to_whose_deal_it_is_about(
    cast: Cast, deal: Deal, channel: Channel
) -> None:
    log_activity(by=cast.eunji, at=NOW, deal=deal, kind="call")
    drain()
    told = {change.fact: change for change in channel.changes()}["activity"]
    assert told.owners == {cast.eunji.pk, cast.minsu.pk}
    assert told.teams == {cast.teams["seoul-1"].pk}


def test_what_is_nobodys_is_told_to_everyone(cast: Cast, deal: Deal, channel: Channel) -> None:
    Stage.objects.filter(pk=cast.stages[0].pk).update(probability="0.2")
    drain()
    assert channel.changes() == [Change("stage", everyone=True)]


def test_a_row_without_a_team_is_its_owners() -> None:
    (change,) = changes([Touched(fact="lead", owner_id=7)])
    assert change == Change("lead", owners=frozenset({7}))


def test_sql_behind_djangos_back_is_told_as_well(cast: Cast, deal: Deal, channel: Channel) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_deal SET amount = 5")
    drain()
    assert [change.fact for change in channel.changes()] == ["deal"]


def test_marks_are_taken_oldest_first_and_none_twice(cast: Cast, channel: Channel) -> None:
    Touched.objects.all().delete()
    Touched.objects.bulk_create(Touched(fact="deal", owner_id=owner) for owner in range(1, 6))
    assert [drain(limit=2).marks for _ in range(4)] == [2, 2, 1, 0]
    told = [change for _ in range(3) for change in channel.changes()]
    assert [sorted(change.owners) for change in told] == [[1, 2], [3, 4], [5]]


def test_a_drain_that_dies_loses_nothing(cast: Cast, deal: Deal, channel: Channel) -> None:
    deals.win_deal(deal=deal, by=cast.minsu, revision=1, at=NOW)
    with transaction.atomic():
        drain()
        transaction.set_rollback(True)
    assert Touched.objects.count() == 2
    drain()
    assert channel.changes() == channel.changes() != []


@pytest.mark.django_db(transaction=True)
class TestAsking:
    """Edits ask for a drain when they are committed."""

    @pytest.fixture(autouse=True)
    def empty_queue(self) -> Iterator[None]:
        """From which nobody takes: a worker that other tests started looks away meanwhile."""
        queue = app.conf.task_default_queue
        app.control.cancel_consumer(queue, reply=True)
        app.control.purge()
        yield
        app.control.purge()
        app.control.add_consumer(queue, reply=True)

    def test_many_edits_ask_for_one_drain(self, cast: Cast) -> None:
        deal = make_deal(cast, cast.minsu, 2)
        for number in range(5):
            changed = {"amount": number}
            deals.edit_deal(deal=deal, by=cast.minsu, revision=1 + number, changes=changed)
        assert queued() == 1

    def test_an_edit_after_a_drain_asks_again(self) -> None:
        tasks.ask_for_drain()
        tasks.drain_marks()
        tasks.ask_for_drain()
        assert queued() == 2

    def test_without_redis_an_edit_still_succeeds(self, cast: Cast, settings: Any) -> None:
        nowhere = "redis://127.0.0.1:1/0"
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": nowhere}}
        with pytest.raises(Unreachable):
            cache.get("anything")
        deal = make_deal(cast, cast.minsu, 2)
        deals.win_deal(deal=deal, by=cast.minsu, revision=1, at=NOW)
        assert Deal.objects.won().exists()
        assert Touched.objects.filter(fact="deal").exists()


@pytest.mark.slow
@pytest.mark.xdist_group("site")
@pytest.mark.django_db(transaction=True)
def test_a_worker_tells_within_two_seconds(worker: Path, cast: Cast, channel: Channel) -> None:
    deal = make_deal(cast, cast.minsu, 2)
    cache.clear()
    deals.win_deal(deal=deal, by=cast.minsu, revision=1, at=NOW)
    edited = time.monotonic()
    assert "deal" in {change.fact for change in channel.changes()}
    assert time.monotonic() - edited < 2
