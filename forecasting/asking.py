"""How pages and the API ask for a forecast: whose, of which period, as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import Company, User
from accounts.scope import Reach, Scope, ScopeKind, Tree, reach
from forecasting.forecasts import Forecast, forecasts
from forecasting.rollup import Node
from kpis.targets import Targets, Wanted
from periods import Period
from pipeline.reading import Reading

TARGET_OF = "won_revenue"
NEXT = 2
"""How many further periods stand beside the present one."""


@dataclass(frozen=True)
class Asked:
    """One person's question for the forecast of a scope, at `at` or as of then."""

    viewer: User
    scope: Scope
    period: Period
    at: datetime
    as_of: datetime | None = None
    known_at: datetime | None = None
    structure: str = ""

    @property
    def tree(self) -> Tree:
        return reach(self.viewer).tree

    def reading(self, period: Period, scope: Scope | None = None) -> Reading:
        """How the facts are read for one of its periods."""
        moments = [each for each in (self.as_of, self.known_at) if each]
        past = min(*moments, self.at) if moments else None
        return Reading(
            scope or self.scope,
            period,
            past or self.at,
            Company.current().currency,
            as_of=past,
            known_at=self.known_at,
            present_tree=self.structure == "present",
        )

    @property
    def periods(self) -> list[Period]:
        """The one asked for, and those to come from the present one on."""
        if self.period.grain is None:
            return [self.period]
        today = self.period.calendar.business_day(self.at)
        following = [Period.containing(today, self.period.grain, self.period.calendar)]
        for _number in range(NEXT):
            following.append(following[-1].next())
        if self.period in following:
            return following
        earlier = self.period.start < following[0].start
        return [self.period, *following] if earlier else [*following, self.period]


def all_periods(asked: Asked) -> list[Forecast]:
    """The forecasts of its periods, with everybody in them."""
    readings = [asked.reading(period) for period in asked.periods]
    return forecasts(readings, asked.tree, everybody=True)


def targets_of(found: Forecast, viewer: User) -> dict[int, Decimal | None]:
    """What each direct member and the root must reach, by the identity of their nodes."""
    reading, root = found.reading, found.forest.root
    nodes = [root, *root.members]
    wanted: dict[int, Wanted] = {
        id(node): (TARGET_OF, scope_of(node, reading.scope, reach(viewer)), reading.period, ())
        for node in nodes
    }
    targets = Targets(list(wanted.values()), reading.as_of, reading.known_at)
    return {key: targets.find(each).value for key, each in wanted.items()}


def scope_of(node: Node, root: Scope, mine: Reach) -> Scope:
    """Whose figures a node is, as far as one sees them."""
    if node.user is not None:
        if root.kind is ScopeKind.USER:
            return root
        within = frozenset[int]() if mine.everything else mine.team_ids
        return Scope(ScopeKind.USER, node.user, team_ids=within)
    return mine.tree.scope(mine.tree.teams[node.team]) if node.team is not None else root
