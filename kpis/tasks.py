"""What the workers do for the KPIs."""

from __future__ import annotations

from typing import Any

import structlog
from celery import shared_task
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis import RedisError

from kpis.drain import BATCH, drain

log = structlog.stdlib.get_logger(__name__)

# How long edits are gathered before one task acts on all of them.
GATHER_SECONDS = 0.1
# Lets the next edit ask again where the task was lost.
_ASKED, _ASKED_SECONDS = "kpis:drain-asked-for", 10


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
    while drain() == BATCH:
        pass
