"""What the work queue does for alerts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import structlog
from celery import shared_task
from django.core.cache import cache
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis import RedisError

from alerts.deadlines import remind
from alerts.deliver import deliver
from alerts.detect import evaluate

log = structlog.stdlib.get_logger(__name__)

# How long changes are gathered before one evaluation answers all of them.
GATHER_SECONDS = 2
# Lets the next change ask again where the task was lost.
_ASKED_SECONDS = 20


def ask_for_evaluation(*, facts: Collection[str], **_signal: Any) -> None:
    """Have the rules on these facts evaluated soon, by one task however many changes ask for it.

    Where Redis does not answer, they are evaluated when beat next has all rules evaluated.
    """
    names = sorted(facts)
    try:
        if cache.add(_asked(names), 1, timeout=_ASKED_SECONDS):
            evaluate_alerts.apply_async((names,), countdown=GATHER_SECONDS, expires=60, retry=False)
    except (RedisError, OperationalError) as error:
        log.warning("evaluation not asked for", error=str(error))


@shared_task(name="alerts.evaluate")
def evaluate_alerts(facts: list[str] | None = None) -> None:
    """Evaluate the rules on these facts, or all; what that calls for is sent at once."""
    if facts is not None:
        # Changes from now on ask for an evaluation of their own.
        cache.delete(_asked(facts))
    if evaluate(at=timezone.now(), facts=facts).transitions:
        deliver_alerts.delay()


def send_soon() -> None:
    """Have what is due sent at once; without Redis, when beat next has it sent."""
    try:
        deliver_alerts.apply_async(retry=False)
    except (RedisError, OperationalError) as error:
        log.warning("delivery not asked for", error=str(error))


@shared_task(name="alerts.remind")
def remind_of_deadlines() -> None:
    """Record who is to be reminded of a forecast's deadline, or told at it; sent at once."""
    if remind(at=timezone.now()):
        deliver_alerts.delay()


@shared_task(name="alerts.deliver")
def deliver_alerts() -> None:
    """Send what is due, and what falls due again after an error."""
    deliver(clock=timezone.now)


def _asked(facts: list[str]) -> str:
    return f"alerts:asked-for:{','.join(facts)}"
