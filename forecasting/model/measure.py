"""The model's P50 as a measure: what was last said of a scope's period by the instant asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Expression, ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope, ScopeKind, Tree
from forecasting.models import ModelFigure, ModelRun
from pipeline.measures import How, Measure, Told
from pipeline.models import Deal, Rate, Stage
from pipeline.populations import Population, Rows
from pipeline.reading import NUMBER, Reading


def _by(reading: Reading) -> datetime:
    """Until when what was said counts."""
    moments = (reading.at, reading.standing, reading.as_of, reading.known_at)
    return min(each for each in moments if each is not None)


def _figures(reading: Reading) -> Rows:
    """The figure of the scope in the last run for just this period; none where there is none."""
    runs = ModelRun.objects.of_period(reading.period).filter(at__lte=_by(reading))
    last = runs.order_by("-day").values("pk")[:1]
    found: Rows = ModelFigure.objects.of_scope(reading.scope).filter(run__in=last)
    return found


def _middle(_reading: Reading) -> Expression:
    return ExpressionWrapper(F("p50"), output_field=NUMBER)


def tell(asked: Sequence[Told], _tree: Tree) -> list[Mapping[str, Decimal | None]]:
    """The figure of each reading, all from two statements.

    Of a person who is seen in several teams, none: P50s do not add up.
    """
    readings = [told.reading for told in asked]
    runs = _last_runs(readings)
    figures: dict[int, list[ModelFigure]] = {}
    for figure in ModelFigure.objects.filter(run__in=set(runs.values())) if runs else ():
        figures.setdefault(figure.run_id, []).append(figure)
    found = [
        [each for each in figures.get(runs.get(reading, 0), ()) if _is_of(each, reading.scope)]
        for reading in readings
    ]
    return [{"": each[0].p50} if len(each) == 1 else {} for each in found]


def _last_runs(readings: Sequence[Reading]) -> dict[Reading, int]:
    """The last run for each reading's period by its instant."""
    spans = Q(pk__in=[])
    for start, end in {(each.period.start, each.period.end) for each in readings}:
        spans |= Q(start=start, end=end)
    runs = list(ModelRun.objects.filter(spans).order_by("day").values("pk", "start", "end", "at"))
    return {
        reading: run["pk"]
        for reading in readings
        for run in runs
        if (run["start"], run["end"]) == (reading.period.start, reading.period.end)
        and run["at"] <= _by(reading)
    }


def _is_of(figure: ModelFigure, scope: Scope) -> bool:
    """Whether a figure is of just this node."""
    if scope.kind is ScopeKind.USER:
        within = figure.team_id in scope.team_ids if scope.team_ids else figure.team_id is None
        return figure.user_id == scope.id and within
    team = scope.id if scope.kind is ScopeKind.TEAM else None
    return figure.user_id is None and figure.team_id == team


MODELLED = Population("forecast_model", ModelFigure, _figures, reads=(Deal, Stage, Rate))

P50 = Measure(
    "forecast_p50",
    _("median of the simulated outcomes"),
    MODELLED,
    How.SUM,
    _middle,
    empty=None,
    runs_with_the_clock=True,
    teller=tell,
)
