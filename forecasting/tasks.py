"""What the workers do for the forecast: learn, and replay the past. Each may be done again."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Company
from forecasting.accuracy.horizons import Horizon
from forecasting.actions.replays import replay_period
from forecasting.actions.runs import learn_period
from forecasting.model.schedule import forecast_periods, not_learned, not_replayed, to_replay
from pipeline.models import Deal

log = structlog.stdlib.get_logger(__name__)

# Lets what was asked for be asked for again where it was lost with its worker.
_ASKED_SECONDS = 600


@shared_task(name="forecasting.learn_period")
def learn(code: str) -> None:
    """Learn for one period by what is known now."""
    now = timezone.now()
    period = Company.current().calendar.parse(code, at=now)
    run = learn_period(period=period, at=now)
    log.info("forecast learned", period=code, enough=run.is_enough)


@shared_task(name="forecasting.replay_period")
def replay(code: str, horizon: str) -> None:
    """Replay one period that is over at one horizon."""
    now = timezone.now()
    period = Company.current().calendar.parse(code, at=now)
    nodes = replay_period(period=period, horizon=Horizon(horizon), at=now)
    log.info("forecast replayed", period=code, horizon=horizon, nodes=nodes)


@shared_task(name="forecasting.learn_everything")
def learn_everything() -> None:
    """Share out what is done every night, so that workers on any host take it."""
    now = timezone.now()
    for period in forecast_periods(now):
        learn.delay(period.code)
    for quarter, horizon in to_replay(now):
        replay.delay(quarter.code, horizon.value)


@shared_task(name="forecasting.learn_what_is_missing")
def learn_what_is_missing() -> None:
    """Share out what was never done: on a new day, for a new company, after an import."""
    if not Deal.objects.exists():
        return
    now = timezone.now()
    for period in not_learned(now):
        if cache.add(f"forecasting:asked:{period.code}", 1, timeout=_ASKED_SECONDS):
            learn.delay(period.code)
    for quarter, horizon in not_replayed(now):
        key = f"forecasting:asked:{quarter.code}:{horizon.value}"
        if cache.add(key, 1, timeout=_ASKED_SECONDS):
            replay.delay(quarter.code, horizon.value)
