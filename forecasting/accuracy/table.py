"""How right each method has been, from what is kept of the replays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from accounts.scope import Scope, ScopeKind
from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.scores import Case, Score, score
from forecasting.accuracy.skill import Compared, Verdict, judge
from forecasting.models import Replayed


class Method(StrEnum):
    """Every way to forecast that is scored."""

    REP_COMMIT = "rep_commit"
    LEAD_ADJUSTED = "lead_adjusted"
    STAGE_WEIGHTED = "stage_weighted"
    MODEL = "model"
    SAME_QUARTER_LAST_YEAR = "same_quarter_last_year"
    RUN_RATE = "run_rate"


class By(StrEnum):
    """What a case is: a team's quarter, a rep's, or the whole scope's."""

    TEAM = "team"
    REP = "rep"
    WHOLE = "whole"


RIVALS = (Method.STAGE_WEIGHTED, Method.SAME_QUARTER_LAST_YEAR, Method.RUN_RATE, "usual")
"""What the model must beat before skill is claimed; `usual` knows nothing of any deal."""


@dataclass(frozen=True)
class Accuracy:
    """The scores of every method over a scope's nodes and quarters, and the verdict."""

    horizon: Horizon
    by: By
    rows: tuple[Replayed, ...]

    @property
    def scores(self) -> dict[Method, Score]:
        return scores(self.rows)

    @property
    def quarters(self) -> int:
        return len({row.start for row in self.rows})

    @property
    def verdict(self) -> Verdict:
        return judge([_compared(rival, self.rows) for rival in RIVALS], periods=self.quarters)

    def split(self, key: Callable[[Replayed], Any]) -> dict[Any, dict[Method, Score]]:
        """The scores of the rows under each key, in the order of the rows."""
        groups: dict[Any, list[Replayed]] = {}
        for row in self.rows:
            groups.setdefault(key(row), []).append(row)
        return {name: scores(rows) for name, rows in groups.items()}


def accuracy(horizon: Horizon, scope: Scope, by: By) -> Accuracy:
    """How right forecasts of a scope were at a horizon. One statement."""
    kept = Replayed.objects.filter(_nodes(scope, by), horizon=horizon)
    rows: QuerySet[Replayed] = kept.select_related("team", "user").order_by("start", "pk")
    return Accuracy(horizon, by, tuple(rows))


def _nodes(scope: Scope, by: By) -> Q:
    """The nodes of a scope that are scored; of one person only their own."""
    if scope.kind is ScopeKind.USER:
        within = Q(team__in=scope.team_ids) if scope.team_ids else Q(team__isnull=False)
        return Q(user=scope.id) & within
    if by is By.WHOLE:
        return Q(team=scope.id or None, user=None)
    kind = Q(user=None, parts=0) if by is By.TEAM else Q(user__isnull=False)
    within = Q(team__in=scope.team_ids) if scope.kind is ScopeKind.TEAM else Q(team__isnull=False)
    return kind & within


def scores(rows: Sequence[Replayed]) -> dict[Method, Score]:
    """The score of every method over those rows for which it had something to say."""
    return {method: score(_cases(rows, method)) for method in Method}


def _cases(rows: Sequence[Replayed], method: Method) -> list[Case]:
    told = [(getattr(row, method.value), row) for row in rows]
    ranged = method is Method.MODEL
    return [
        Case(said, row.actual, *((row.low, row.high) if ranged else ()))
        for said, row in told
        if said is not None
    ]


def _compared(rival: str, rows: Sequence[Replayed]) -> Compared:
    name = str(rival)
    both = [row for row in rows if row.model is not None and getattr(row, name) is not None]
    actual = [row.actual for row in both]
    model = [abs((row.model or Decimal(0)) - row.actual) for row in both]
    other = [abs(getattr(row, name) - row.actual) for row in both]
    return Compared(name, *(np.array(each, dtype=float) for each in (model, other, actual)))
