"""Replaying periods that are over, and keeping what every method would have said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from accounts.models import Company
from accounts.scope import COMPANY, Tree
from forecasting.accuracy.called import Calls, calls_of
from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.replay import Replay, Said, replay
from forecasting.model.forecast import seed_of
from forecasting.model.frames import Instant, Part, learning_part, read_history
from forecasting.model.nodes import Place, places
from forecasting.model.simulation import Leaf
from forecasting.models import Replayed
from periods import Period
from pipeline.populations.deals import WON
from pipeline.reading import Reading

_CENT = Decimal("0.01")


def replay_period(*, period: Period, horizon: Horizon, at: datetime) -> int:
    """Replay a period that is over at `at`, as it was known at a horizon.

    Answers how many nodes there are. Repeating it puts the same in place of what there was.
    """
    then, tree = horizon.instant(period), Tree.load()
    said = _replayed(period, horizon, then)
    came = _came(period, at)
    leaves = tuple(sorted({*said.leaves, *came}))
    calls = calls_of(period, then, tree)
    rows = [
        _row(period, horizon, place, said.of(_own(place, leaves, said)), calls, came, leaves)
        for place in places(leaves, tree, then)
    ]
    with transaction.atomic():
        Replayed.objects.filter(start=period.start, end=period.end, horizon=horizon).delete()
        Replayed.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _replayed(period: Period, horizon: Horizon, then: datetime) -> Replay:
    instant, part = Instant(then, known_at=then), learning_part()
    history = read_history(instant, part)
    standing = history if part.every == 1 else read_history(instant, Part(since=period.starts_at))
    is_start = horizon is Horizon.START
    return replay(history, period, then, is_start=is_start, seed=seed_of(period), standing=standing)


def _came(period: Period, at: datetime) -> dict[Leaf, Decimal]:
    """What each leaf won in the period, as the KPI counts it; nothing where a rate is missing."""
    reading = Reading(COMPANY, period, at, Company.current().currency)
    rows = WON.rows(reading).order_by().values("owner_id", "team_id")
    sums = rows.annotate(total=Sum(reading.money())).values_list("owner_id", "team_id", "total")
    return {
        (owner or 0, team or 0): total
        for owner, team, total in sums
        if total is not None and not total.is_nan()
    }


def _own(place: Place, leaves: tuple[Leaf, ...], said: Replay) -> list[int]:
    """The positions of a node's leaves among those of which something was said."""
    known = said.position
    return [known[leaves[n]] for n in place.leaves if leaves[n] in known]


def _row(
    period: Period,
    horizon: Horizon,
    place: Place,
    said: Said,
    calls: Calls,
    came: Mapping[Leaf, Decimal],
    leaves: tuple[Leaf, ...],
) -> Replayed:
    called = calls.get((place.team, place.user))
    return Replayed(
        start=period.start,
        end=period.end,
        horizon=horizon,
        at=horizon.instant(period),
        team_id=place.team,
        user_id=place.user,
        parts=place.parts,
        actual=_sum(came.get(leaves[n], Decimal(0)) for n in place.leaves),
        rep_commit=called.commit if called else None,
        lead_adjusted=called.adjusted if called else None,
        stage_weighted=_money(said.stage_weighted),
        model=_money(said.model),
        same_quarter_last_year=_money(said.same_quarter_last_year),
        run_rate=_money(said.run_rate),
        usual=_money(said.usual),
        low=_money(said.low),
        high=_money(said.high),
    )


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, Decimal(0)).quantize(_CENT)


def _money(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(_CENT)
