"""The forecast's own KPIs."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from forecasting import measures
from forecasting.model.measure import P50
from forecasting.models import Column
from kpis.declarations import Basis, Journey, Kind, Kpi, Parts, Result, State, single
from pipeline.measures import Measure

ADDED = ("closed", "numerator", "submitted", "adjusted")
SYSTEM = _("closed + committed")
LIKELY = _("closed + committed and best case")
WORKED = "%(closed)s + %(numerator)s"


def together(parts: Parts) -> Result:
    """All that the deals come to, and by how much people call it otherwise."""
    return Result(sum((parts.get(name) or Decimal(0) for name in ADDED), Decimal(0)))


def gap(parts: Parts) -> Result:
    """The commit forecast less the target; below zero where it falls short."""
    target, called = parts["target"], together(parts).value
    if target is None or called is None:
        return Result(None, State.NO_TARGET)
    return Result(called - target)


def _called(column: Column, deals: Measure, text: object) -> Basis:
    return Basis(
        "called",
        _("as submitted and adjusted"),
        deals,
        extra={
            "closed": measures.CLOSED_AMOUNT,
            "submitted": measures.SUBMITTED[column],
            "adjusted": measures.ADJUSTED[column],
        },
        combine=together,
        formula_text=text,
        worked=f"{WORKED} + %(submitted)s + %(adjusted)s = %(value)s",
    )


def _system(deals: Measure, text: object) -> Basis:
    return Basis(
        "system",
        _("by the deals alone"),
        deals,
        extra={"closed": measures.CLOSED_AMOUNT},
        combine=together,
        formula_text=text,
        worked=f"{WORKED} = %(value)s",
    )


def _against_target(basis: Basis, text: object) -> Basis:
    worked = basis.worked.replace(" = ", " − %(target)s = ")
    return Basis(
        basis.key,
        basis.label,
        basis.numerator,
        extra=basis.extra,
        combine=gap,
        formula_text=text,
        worked=worked,
    )


COMMIT = (
    _called(
        Column.COMMIT,
        measures.COMMITTED_AMOUNT,
        _("closed + committed + what is submitted and adjusted above or below that"),
    ),
    _system(measures.COMMITTED_AMOUNT, SYSTEM),
)
BEST_CASE = (
    _called(
        Column.BEST_CASE,
        measures.LIKELY_AMOUNT,
        _("closed + committed + best case + what is submitted and adjusted above or below that"),
    ),
    _system(measures.LIKELY_AMOUNT, LIKELY),
)

KPIS: tuple[Kpi, ...] = (
    Kpi(
        key="forecast_commit",
        label=Column.COMMIT.label,
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.STOCK,
        help=_(
            "What is promised for the period: closed deals and committed ones that are expected "
            "to close in it, as reps submitted them and leads adjusted them. Where nobody has "
            "submitted, the deals' own categories stand in."
        ),
        bases=COMMIT,
    ),
    Kpi(
        key="forecast_best_case",
        label=Column.BEST_CASE.label,
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.STOCK,
        help=_(
            "What the period brings if things go well: closed, committed and best case deals, as "
            "reps submitted them and leads adjusted them."
        ),
        bases=BEST_CASE,
    ),
    Kpi(
        key="forecast_gap",
        label=_("Forecast gap"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.STOCK,
        help=_(
            "The commit forecast less the target for won revenue: below zero where the promises "
            "fall short of it."
        ),
        bases=(
            _against_target(COMMIT[0], _("commit forecast − target")),
            _against_target(COMMIT[1], _("closed + committed − target")),
        ),
        target_of="won_revenue",
    ),
    Kpi(
        key="forecast_p50",
        label=_("Model forecast"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.STOCK,
        help=_(
            "The median of a thousand simulated ends of the period, learned every night from the "
            "company's own history: half of the outcomes lie above it. Of quarters and months; "
            "none where there is not enough history. Figures of teams do not add up."
        ),
        # Named as a combination, since medians of parts do not add up to that of the whole.
        bases=(
            Basis(
                "median", _("median of the outcomes"), P50, combine=single, formula_text=P50.label
            ),
        ),
    ),
)
