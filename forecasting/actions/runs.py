"""Learning for a period, and keeping what the model then says of every node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import numpy as np
from django.db import transaction

from accounts.scope import Tree
from forecasting.model.forecast import Model, learn_model, play, stands
from forecasting.model.frames import Instant, Part, learning_part, read_history
from forecasting.model.history import History, moment
from forecasting.model.learning import TooLittle
from forecasting.model.nodes import Place, places
from forecasting.model.simulation import Outcomes, Standing
from forecasting.models import ModelFigure, ModelRun
from kpis.targets import Targets
from periods import Period

TARGET_OF = "won_revenue"
_CENT, _SHARE = Decimal("0.01"), Decimal("0.0001")
_RANGE = (0.1, 0.5, 0.9)


def learn_period(*, period: Period, at: datetime) -> ModelRun:
    """Learn for a period from what is known at `at`, and keep the figures of every node.

    Repeating it on the same day puts the new figures in place of the old ones.
    """
    history = read_history(Instant(at), learning_part())
    model = learn_model(history, period, at)
    if isinstance(model, TooLittle):
        return _keep(period, at, model.periods, model.won, model.lost)
    standing_history = _standing_history(history, period, at)
    standing = stands(model, standing_history, period, at)
    outcomes = play(model, standing, seed=seed_of(period))
    learned = model.learned
    with transaction.atomic():
        run = _keep(period, at, learned.periods, learned.won, learned.lost, model)
        run.unpriced = _unpriced(standing_history, at)
        run.save(update_fields=["unpriced"])
        figures = _figures(run, period, standing, outcomes, at)
        ModelFigure.objects.bulk_create(figures, batch_size=1000)
    return run


def seed_of(period: Period) -> int:
    """The seed of a period's draws, so that the same facts give the same figures."""
    return period.start.toordinal() * 1000 + period.days


def _standing_history(history: History, period: Period, at: datetime) -> History:
    """All deals that matter now, where it was learned from a part of them."""
    if history.share == 1:
        return history
    return read_history(Instant(at), Part(since=min(period.starts_at, at)))


def _keep(
    period: Period, at: datetime, periods: int, won: int, lost: int, model: Model | None = None
) -> ModelRun:
    day = period.calendar.business_day(at)
    told = {"at": at, "periods": periods, "won": won, "lost": lost, "unpriced": 0}
    run, _created = ModelRun.objects.update_or_create(
        start=period.start,
        end=period.end,
        day=day,
        defaults={**told, "learned": model.written() if model else {}},
    )
    run.figures.all().delete()
    return run


def _unpriced(history: History, at: datetime) -> int:
    rows = history.open_at(moment(at))
    today = np.datetime64(history.calendar.business_day(at))
    return int(np.isnan(history.worth(rows, today)).sum())


def _figures(
    run: ModelRun, period: Period, standing: Standing, outcomes: Outcomes, at: datetime
) -> Iterator[ModelFigure]:
    found = list(places(outcomes.leaves, Tree.load(), at))
    wanted = [(TARGET_OF, place.scope, period, ()) for place in found]
    targets = Targets(wanted)
    for place, each in zip(found, wanted, strict=True):
        yield _figure(run, place, standing, outcomes, targets.find(each).value)


def _figure(
    run: ModelRun, place: Place, standing: Standing, outcomes: Outcomes, target: Decimal | None
) -> ModelFigure:
    draws = outcomes.of(place.leaves)
    low, middle, high = (_money(value) for value in np.quantile(draws, _RANGE).tolist())
    reached = None if target is None else float((draws >= float(target)).mean())
    return ModelFigure(
        run=run,
        team_id=place.team,
        user_id=place.user,
        booked=_money(float(standing.booked[list(place.leaves)].sum())),
        p10=low,
        p50=middle,
        p90=high,
        target=target,
        chance=None if reached is None else Decimal(reached).quantize(_SHARE),
    )


def _money(value: float) -> Decimal:
    return Decimal(value).quantize(_CENT)
