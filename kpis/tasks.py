"""What the workers do for the KPIs."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import structlog
from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.utils import timezone
from kombu.exceptions import OperationalError as NoBroker
from redis import RedisError

from accounts.models import Company
from kpis.actions.recomputations import start_recomputation, stop_recomputation
from kpis.ahead import read_ahead
from kpis.drain import BATCH, drain
from kpis.models import Recomputation, State
from kpis.signals import facts_drained
from kpis.storage.keeping import EVER, fill
from kpis.storage.recall import drains_so_far
from kpis.storage.recomputing import take_step

log = structlog.stdlib.get_logger(__name__)

# How long edits are gathered before one task acts on all of them.
GATHER_SECONDS = 0.1
# Lets the next edit ask again where the task was lost.
_ASKED, _ASKED_SECONDS = "kpis:drain-asked-for", 10
# A longer filling goes on in another task, so that edits need not wait for all of it.
_FILL_SECONDS = 2
# A tenth of a worker's time at the most, since what changes all the time is in vain.
_AHEAD, AHEAD_SECONDS = "kpis:read-ahead", 6
# So many workers recompute at the same time at the most. A place whose task was lost, with its
# worker, is given to another one after a while.
_PLACES, _PLACE_SECONDS = 4, 180
# Redis hands out tasks of lower numbers first; edits' drains have 0.
_AFTER_ALL_ELSE = 9


def ask_for_drain(**_signal: Any) -> None:
    """Have the marks drained soon, by one task however many ask for it.

    Where Redis does not answer, the marks wait for the drain that beat starts.
    """
    try:
        if cache.add(_ASKED, 1, timeout=_ASKED_SECONDS):
            drain_marks.apply_async(countdown=GATHER_SECONDS, expires=60, retry=False)
    except (RedisError, NoBroker) as error:
        log.warning("drain not asked for", error=str(error))


@shared_task(name="kpis.drain_marks")
def drain_marks() -> None:
    """Act on all marks there are. Changes from now on ask for a drain of their own."""
    cache.delete(_ASKED)
    left_to_fill, marks = False, BATCH
    facts: frozenset[str] = frozenset()
    while marks == BATCH:
        drained = drain()
        marks, left_to_fill = drained.marks, left_to_fill or drained.left_to_fill
        facts |= drained.facts
    if facts:
        facts_drained.send(sender=None, facts=facts)
    if left_to_fill:
        fill_stored_values.delay()


@shared_task(name="kpis.fill_stored_values")
def fill_stored_values() -> None:
    """Fill what is incomplete."""
    started = time.monotonic()
    for filled in fill(at=timezone.now(), before=EVER):
        if filled.remaining and time.monotonic() - started > _FILL_SECONDS:
            fill_stored_values.delay()
            return


@shared_task(name="kpis.read_ahead")
def read_ahead_of_questions() -> None:
    """Know what is likely to be asked, as far as a few seconds reach, since facts changed."""
    at, drains = timezone.now(), drains_so_far()
    told = drains, str(Company.current().calendar.business_day(at))
    if drains is None or not settings.STORED_VALUES or cache.get(_AHEAD) == told:
        return
    if read_ahead(at=at, seconds=AHEAD_SECONDS):
        cache.set(_AHEAD, told, timeout=None)


@shared_task(name="kpis.recompute_stored_values")
def recompute_stored_values() -> None:
    """Begin to compute everything anew: what differs was changed past the triggers."""
    with suppress(ValidationError):
        start_recomputation(by=None, at=timezone.now())
    share_out()


@shared_task(name="kpis.share_out_recomputation")
def share_out() -> None:
    """Have some tasks take the steps of a recomputation, in place of those that were lost too."""
    if not Recomputation.objects.filter(state=State.RUNNING).exists():
        return
    for place in range(_PLACES):
        if cache.add(_place(place), 1, timeout=_PLACE_SECONDS):
            _take_next(place)


@shared_task(name="kpis.recompute_step")
def recompute_step(place: int) -> None:
    """Do one step of the recomputation under way, and have the next one done."""
    cache.set(_place(place), 1, timeout=_PLACE_SECONDS)
    try:
        was_there_one = take_step(at=timezone.now())
    except OperationalError:
        # The database was not there, or had to choose between two: another try may do.
        raise
    except Exception as error:
        stop_recomputation(by=None, at=timezone.now(), problem=f"{type(error).__name__}: {error}")
        raise
    if was_there_one:
        _take_next(place)
    else:
        cache.delete(_place(place))


def _place(place: int) -> str:
    return f"kpis:recomputing:{place}"


def _take_next(place: int) -> None:
    recompute_step.apply_async((place,), priority=_AFTER_ALL_ELSE)
