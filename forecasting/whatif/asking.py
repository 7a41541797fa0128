"""One what-if: a scope's period under levers, against what the model says of it today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import Company, User
from accounts.scope import Scope, reach
from forecasting.model.ends import Ends, money
from forecasting.model.simulation import USUAL
from forecasting.model.told import Told, told
from forecasting.whatif.churn import lost_beyond_plan, still_due
from forecasting.whatif.gap import closes
from forecasting.whatif.levers import Levers, Rates
from forecasting.whatif.outcome import Drawn, drawn
from kpis.evaluate import answer
from kpis.funnel import Required
from kpis.questions import Question
from kpis.spans import MONTHS, year_to
from periods import Period
from pipeline.reading import Reading

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Asked:
    """Whose period, seen by whom, at which instant; `as_of` where that lies in the past."""

    viewer: User
    scope: Scope
    period: Period
    at: datetime
    as_of: datetime | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """Where a period ends at some rates, against what must be reached then."""

    levers: Levers
    rates: Rates
    ends: Ends
    target: Decimal | None
    raised: Decimal
    """By how much the target is above the one that was set, for what leaves beyond plan."""

    takes: Required | None
    """What closes the gap at P50; None without a target."""

    @property
    def gap(self) -> Decimal | None:
        """P50 − target: below nothing where it is missed."""
        return None if self.target is None else self.ends.p50 - self.target

    @property
    def chance(self) -> Decimal | None:
        """Of reaching the target."""
        return None if self.target is None else self.ends.chance_of(self.target)


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What is known of a period, and the scenes of it: the first is as the model has it.

    `state` says why there are no scenes: as of `Told`, or `not_kept` where the last run of an
    earlier day cannot be played again. `due` is the value of contracts still falling due.
    """

    told: Told
    state: str
    today: Rates
    due: Decimal | None
    booked: Decimal | None
    scenes: tuple[Scene, ...]


def what_if(asked: Asked, *scenarios: Levers) -> WhatIf:
    """The period as the model sees it, and under each of some levers."""
    said = told(asked.scope, asked.period, at=asked.at)
    run = said.run
    if run is None or not run.is_enough:
        return WhatIf(said, said.state, Rates(), None, None, ())
    today, due = rates_of(asked), still_due(_reading(asked))
    levers = [Levers(), *scenarios]
    tempos = [USUAL if not each.moved else today.tempo(each) for each in levers]
    draws = drawn(run, asked.scope, asked.period, reach(asked.viewer).tree, tempos)
    if draws is None:
        state = "nothing" if said.state == "nothing" else "not_kept"
        return WhatIf(said, state, today, due, None, ())
    target = said.figure.target if said.figure else None
    scenes = tuple(
        scene_of(each, found, target, today, due, asked.period)
        for each, found in zip(levers, draws, strict=True)
    )
    return WhatIf(said, "ok", today, due, money(draws[0].booked), scenes)


def scene_of(
    levers: Levers,
    found: Drawn,
    set_target: Decimal | None,
    today: Rates,
    due: Decimal | None,
    period: Period,
) -> Scene:
    """What was drawn at the tempo of some levers, at their sizes and against their target."""
    rates = today.under(levers)
    raised = lost_beyond_plan(due, today, rates).quantize(_CENT)
    target = None if set_target is None else max(set_target + raised, Decimal(0))
    ends = found.ends(float(levers.times("deal_size")))
    takes = None if target is None else closes(target - ends.p50, rates, period)
    return Scene(levers, rates, ends, target, raised, takes)


def rates_of(asked: Asked) -> Rates:
    """Today's rates: over the twelve months that end with the period, so far as they have gone."""
    window = year_to(asked.period)
    asks = [
        Question(kpi, asked.scope, window, basis=basis, as_of=asked.as_of)
        for kpi, basis in (
            ("win_rate", ""),
            ("average_deal_size", ""),
            ("sales_cycle", ""),
            ("lead_volume", ""),
            ("renewal_rate", "value"),
            ("lead_conversion_rate", ""),
        )
    ]
    values = [each.value for each in answer(asks, viewer=asked.viewer, at=asked.at)]
    win_rate, size, cycle, leads, renewed, conversion = values
    return Rates(
        win_rate=win_rate,
        deal_size=size,
        cycle=cycle,
        leads=_monthly(leads, window, asked.at),
        churn=None if renewed is None else 1 - renewed,
        conversion=conversion,
    )


def _monthly(leads: Decimal | None, window: Period, at: datetime) -> Decimal | None:
    """Leads a month of what has gone of the window."""
    gone = window.elapsed(at).days if window.is_running(at) else window.days
    return None if leads is None or not gone else leads * window.days / gone / MONTHS


def _reading(asked: Asked) -> Reading:
    currency = Company.current().currency
    return Reading(asked.scope, asked.period, asked.at, currency, as_of=asked.as_of)
