"""Answers what is likely to be asked before anybody does, so that what cannot be stored is known.

Medians, stocks and cohorts are read from the facts by whoever asks first; at a million deals that
takes up to seconds. Here it is the worker who asks: for the company and then for the teams.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

from accounts.audience import audience
from accounts.models import Company
from accounts.roles import Permission
from accounts.scope import COMPANY, Tree
from kpis.declarations import Kpi
from kpis.evaluate import answer
from kpis.questions import Question
from kpis.registry import all_kpis

# What pages offer first.
PERIODS = (
    "this-quarter",
    "this-month",
    "this-year",
    "last-quarter",
    "last-month",
    "last-year",
    "this-week",
    "last-week",
)


def read_ahead(*, at: datetime, seconds: float) -> bool:
    """Ask every KPI for every usual period, one after the other; False where time ran out.

    What is known already costs one look, so that the next call gets further.
    """
    tree = Tree.load()
    viewer = audience(COMPANY, on=at.date(), tree=tree, needs=Permission.VIEW_COSTS).first()
    if viewer is None:
        return True
    until = time.monotonic() + seconds
    with Company.read_once():
        for question in _likely(tree, at):
            if time.monotonic() > until:
                return False
            answer([question], viewer=viewer, at=at)
    return True


def _likely(tree: Tree, at: datetime) -> Iterator[Question]:
    """As pages and the API ask, of the company first, then of teams from the top down."""
    calendar = Company.current().calendar
    periods = [calendar.parse(code, at=at) for code in PERIODS]
    teams = sorted(tree.walk(), key=lambda found: found[1])
    for scope in (COMPANY, *(tree.scope(team) for team, _depth in teams)):
        for period in periods:
            for kpi in filter(_is_kept, all_kpis().values()):
                yield Question(kpi.key, scope, period, against_close=True)


def _is_kept(kpi: Kpi) -> bool:
    """Whether any of its measures is known once it was asked for."""
    measures = kpi.basis().measures.values()
    return not all(measure.teller or measure.runs_with_the_clock for measure in measures)
