"""Measures of forecasts: what the deals come to, and by how much people call it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from django.db.models import Case, Expression, When
from django.db.models import Value as Constant
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Team
from accounts.scope import ScopeKind, Tree
from forecasting.calls import Effect
from forecasting.forecasts import Forecast, forecast, forecasts, said_of
from forecasting.models import Adjustment, Column, Submission
from forecasting.populations import CLOSED, COMMITTED, LIKELY_TOO
from pipeline.measures import How, Measure, Told
from pipeline.measures.base import amount
from pipeline.models import Deal, Rate, Stage
from pipeline.populations import Population, Rows
from pipeline.reading import NUMBER, Reading

Call = type[Submission] | type[Adjustment]
WHO = MappingProxyType({"rep": "user", "team": "team"})


def _effects(found: Forecast, call: Call, column: str = "") -> Iterator[Effect]:
    """What sayings of a kind do to the figures above them, as far as a reading's filters go."""
    wanted = dict(found.reading.filters)
    for effect in found.calls.effects:
        by = effect.by
        whose = {"rep": str(by.user_id or ""), "team": str(by.team_id or "")}
        fits = all(whose.get(name) == value for name, value in wanted.items())
        if isinstance(by, call) and column in ("", effect.column) and fits:
            yield effect


def _said(call: Call) -> Callable[[Reading], Rows]:
    """The sayings that count, of all that were ever made."""

    def select(reading: Reading) -> Rows:
        found = forecast(reading, Tree.load())
        keys = {effect.by.pk for effect in _effects(found, call)}
        rows: Rows = call.objects.filter(pk__in=keys)
        return rows

    return select


def _brought(call: Call, column: Column) -> Callable[[Reading], Expression]:
    """By how much one saying moves the figure."""

    def value(reading: Reading) -> Expression:
        found = forecast(reading, Tree.load())
        cases = [
            When(pk=effect.by.pk, then=Constant(effect.amount, NUMBER))
            for effect in _effects(found, call, column)
        ]
        return Case(*cases, default=Constant(Decimal(0), NUMBER), output_field=NUMBER)

    return value


def tell(asked: Sequence[Told], tree: Tree) -> list[Mapping[str, Decimal | None]]:
    """One forecast a reading, all from a few statements; none where nobody said a word."""
    readings = list(dict.fromkeys(told.reading for told in asked))
    said = said_of(readings)
    if not said:
        return [{} for _told in asked]
    found = dict(zip(readings, forecasts(readings, tree, said=said), strict=True))
    return [_parted(found[told.reading], told) for told in asked]


def _parted(found: Forecast, told: Told) -> dict[str, Decimal | None]:
    parts: dict[str, Decimal | None] = {}
    for effect in _effects(found, *SAYINGS[told.measure]):
        key = _key(found, effect, told.dimension)
        parts[key] = (parts.get(key) or Decimal(0)) + effect.amount
    return parts


def _key(found: Forecast, effect: Effect, dimension: str) -> str:
    """The part of a split that an effect falls into, as those of deals do."""
    if dimension == "rep":
        return str(effect.by.user_id or "")
    if dimension == "team":
        scope, top = found.reading.scope, effect.top
        return str((scope.id if top.user and scope.kind is ScopeKind.TEAM else top.team) or "")
    return ""


SUBMISSIONS = Population(
    "forecast_submissions",
    Submission,
    _said(Submission),
    dimensions=WHO,
    reads=(Deal, Stage, Rate, Membership, Team),
)

ADJUSTMENTS = Population(
    "forecast_adjustments",
    Adjustment,
    _said(Adjustment),
    dimensions=WHO,
    reads=(Submission, Deal, Stage, Rate, Membership, Team),
)

CLOSED_AMOUNT = Measure("forecast_closed", _("closed"), CLOSED, How.SUM, amount)

COMMITTED_AMOUNT = Measure("forecast_committed", _("committed"), COMMITTED, How.SUM, amount)

LIKELY_AMOUNT = Measure(
    "forecast_likely", _("committed and best case"), LIKELY_TOO, How.SUM, amount
)


def _told(key: str, label: object, of: Population, call: Call, column: Column) -> Measure:
    return Measure(
        key,
        label,
        of,
        How.SUM,
        _brought(call, column),
        runs_with_the_clock=True,
        teller=tell,
    )


SUBMITTED = {
    column: _told(
        f"forecast_submitted_{column.value}",
        _("submitted above or below the deals"),
        SUBMISSIONS,
        Submission,
        column,
    )
    for column in Column
}

ADJUSTED = {
    column: _told(
        f"forecast_adjusted_{column.value}",
        _("adjusted above or below that"),
        ADJUSTMENTS,
        Adjustment,
        column,
    )
    for column in Column
}

SAYINGS: Mapping[Measure, tuple[Call, Column]] = {
    **{measure: (Submission, column) for column, measure in SUBMITTED.items()},
    **{measure: (Adjustment, column) for column, measure in ADJUSTED.items()},
}
