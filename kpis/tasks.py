"""What the workers do for the KPIs."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import structlog
from celery import shared_task
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis import RedisError

from kpis.drain import BATCH, drain
from kpis.signals import facts_drained
from kpis.storage.keeping import EVER, fill
from kpis.storage.locking import hold_writers
from kpis.storage.remembering import forget_all

log = structlog.stdlib.get_logger(__name__)

# How long edits are gathered before one task acts on all of them.
GATHER_SECONDS = 0.1
# Lets the next edit ask again where the task was lost.
_ASKED, _ASKED_SECONDS = "kpis:drain-asked-for", 10
# A longer filling goes on in another task, so that edits need not wait for all of it.
_FILL_SECONDS = 2


def ask_for_drain(**_signal: Any) -> None:
    """Have the marks drained soon, by one task however many ask for it.

    Where Redis does not answer, the marks wait for the drain that beat starts.
    """
    try:
        if cache.add(_ASKED, 1, timeout=_ASKED_SECONDS):
            drain_marks.apply_async(countdown=GATHER_SECONDS, expires=60, retry=False)
    except (RedisError, OperationalError) as error:
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
def fill_stored_values(before: str = "") -> None:
    """Fill what is incomplete, or all that was not filled since the instant `before`."""
    now = timezone.now()
    started = time.monotonic()
    for filled in fill(at=now, before=datetime.fromisoformat(before) if before else EVER):
        if before and filled.differed:
            log.warning("stored values differed", spans=str(filled.spans), rows=filled.differed)
        if filled.remaining and time.monotonic() - started > _FILL_SECONDS:
            fill_stored_values.delay(before)
            return


@shared_task(name="kpis.recompute_stored_values")
def recompute_stored_values() -> None:
    """Begin to fill everything anew; whatever differs was changed past the triggers."""
    now = timezone.now()
    with transaction.atomic():
        hold_writers()
        forget_all()
    fill_stored_values.delay(now.isoformat())
