"""What the model last said of a scope's period, read from what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.scope import Scope
from forecasting.models import ModelFigure, ModelRun
from periods import Period


@dataclass(frozen=True)
class Told:
    """The last run by an instant (None: nothing was learned for that period yet), the figure of
    the scope in it, and those of the days before, oldest first."""

    scope: Scope
    period: Period
    run: ModelRun | None = None
    figure: ModelFigure | None = None
    earlier: tuple[ModelFigure, ...] = ()

    @property
    def state(self) -> str:
        """`ok`; `not_learned` yet; `too_little` history; or `nothing` of this scope in it."""
        if self.run is None:
            return "not_learned"
        if not self.run.is_enough:
            return "too_little"
        return "ok" if self.figure else "nothing"


def told(scope: Scope, period: Period, *, at: datetime) -> Told:
    """What was last said by `at`, in two statements."""
    run = ModelRun.objects.of_period(period).filter(at__lte=at).last()
    if run is None:
        return Told(scope, period)
    said = ModelFigure.objects.of_scope(scope).select_related("run")
    figures = said.filter(
        run__start=period.start, run__end=period.end, run__at__lte=run.at
    ).order_by("run__day")
    by_run: dict[int, list[ModelFigure]] = {}
    for figure in figures:
        by_run.setdefault(figure.run_id, []).append(figure)
    # Of a person seen through one's own teams, only what lies in one of them can be told.
    single = [found[0] for found in by_run.values() if len(found) == 1]
    now = next((figure for figure in single if figure.run_id == run.pk), None)
    earlier = tuple(figure for figure in single if figure.run_id != run.pk)
    return Told(scope, period, run, now, earlier)
