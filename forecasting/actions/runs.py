"""Learning for a period, and keeping what the model then says of every node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import numpy as np
from django.db import transaction

from accounts.scope import Tree
from forecasting.model.ends import Ends, money
from forecasting.model.forecast import Model, learn_model, play, seed_of, stands
from forecasting.model.frames import Instant, Part, learning_part, read_history
from forecasting.model.history import History, moment
from forecasting.model.kept import written
from forecasting.model.learning import TooLittle
from forecasting.model.nodes import Place, places
from forecasting.model.simulation import Outcomes, Standing
from forecasting.models import ModelFigure, ModelRun, RunParts
from kpis.targets import Targets
from periods import Period

TARGET_OF = "won_revenue"


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
        _keep_parts(run, standing)
        run.unpriced = _unpriced(standing_history, at)
        run.save(update_fields=["unpriced"])
        figures = _figures(run, period, outcomes, at)
        ModelFigure.objects.bulk_create(figures, batch_size=1000)
    return run


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


def _keep_parts(run: ModelRun, standing: Standing) -> None:
    """What a run stands on, of the last run of its period alone: it takes 12 bytes a deal."""
    RunParts.objects.filter(run__start=run.start, run__end=run.end, run__day__lte=run.day).delete()
    RunParts.objects.create(run=run, standing=written(standing))


def _unpriced(history: History, at: datetime) -> int:
    rows = history.open_at(moment(at))
    today = np.datetime64(history.calendar.business_day(at))
    return int(np.isnan(history.worth(rows, today)).sum())


def _figures(
    run: ModelRun, period: Period, outcomes: Outcomes, at: datetime
) -> Iterator[ModelFigure]:
    found = list(places(outcomes.leaves, Tree.load(), at))
    wanted = [(TARGET_OF, place.scope, period, ()) for place in found]
    targets = Targets(wanted)
    for place, each in zip(found, wanted, strict=True):
        yield _figure(run, place, outcomes, targets.find(each).value)


def _figure(run: ModelRun, place: Place, outcomes: Outcomes, target: Decimal | None) -> ModelFigure:
    ends = Ends(outcomes.of(place.leaves))
    return ModelFigure(
        run=run,
        team_id=place.team,
        user_id=place.user,
        booked=money(outcomes.booked_by(place.leaves)),
        p10=ends.p10,
        p50=ends.p50,
        p90=ends.p90,
        target=target,
        chance=None if target is None else ends.chance_of(target),
    )
