"""What people had called by an instant: reps' own commits, and what their leads made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import Company
from accounts.scope import COMPANY, Scope, ScopeKind, Tree
from forecasting.calls import Calls as Figures
from forecasting.forecasts import forecast
from forecasting.models import Adjustment, Submission
from forecasting.rollup import Node
from periods import Period
from pipeline.reading import Reading


@dataclass(frozen=True)
class Call:
    """Commit forecasts of one node."""

    commit: Decimal
    adjusted: Decimal


Calls = Mapping[tuple[int | None, int | None], Call]
"""By team and person, as nodes are kept: (None, None) is the company."""


def calls_of(period: Period, at: datetime, tree: Tree) -> Calls:
    """The calls of every node for which somebody below it had submitted or adjusted by `at`.

    Of people who had not, the system's own commit stands in.
    """
    if not _anything_said(period, at):
        return {}
    currency = Company.current().currency
    return _calls(Reading(COMPANY, period, at, currency, as_of=at, known_at=at), tree)


def call_of(scope: Scope, period: Period, at: datetime, tree: Tree) -> Call | None:
    """The call of one scope as it stands, None where nobody in it said anything by `at`."""
    if not _anything_said(period, at):
        return None
    calls = _calls(Reading(scope, period, at, Company.current().currency), tree)
    team = scope.id if scope.kind is ScopeKind.TEAM else None
    return calls.get((team, scope.id if scope.kind is ScopeKind.USER else None))


def _calls(reading: Reading, tree: Tree) -> Calls:
    found = forecast(reading, tree)
    calls: dict[tuple[int | None, int | None], Call] = {}
    _gather(found.forest.root, found.calls, calls)
    return calls


def _anything_said(period: Period, at: datetime) -> bool:
    return any(
        model.objects.of_periods([period]).said_by(at).exists()
        for model in (Submission, Adjustment)
    )


def _gather(
    node: Node, figures: Figures, calls: dict[tuple[int | None, int | None], Call]
) -> tuple[Decimal, bool]:
    """The reps' commits below a node, and whether any of them or of their leads said anything."""
    figure = figures.of(node).commit
    said = figure.submitted is not None or figure.adjusted is not None
    parts = [_gather(member, figures, calls) for member in node.members]
    commit = sum((part for part, _said in parts), Decimal(0)) if parts else figure.base
    said = said or any(each for _part, each in parts)
    if said and not (commit.is_nan() or figure.value.is_nan()):
        key = node.team, node.user
        before = calls.get(key, Call(Decimal(0), Decimal(0)))
        calls[key] = Call(before.commit + commit, before.adjusted + figure.value)
    return commit, said
