"""One cell, opened: its layers, who said what when and why, and the deals behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import Team, User
from accounts.scope import ScopeKind
from forecasting.asking import Asked
from forecasting.calls import Called, Figure
from forecasting.forecasts import Forecast, forecast, moment_of
from forecasting.grid import Head
from forecasting.models import Adjustment, CallQuerySet, Column, Submission
from forecasting.populations import CLOSED, EXPECTED, LIKELY, PROMISED
from forecasting.rights import is_called, may_adjust
from forecasting.rollup import Node
from pipeline.models import Category, Deal
from pipeline.populations import Rows
from pipeline.reading import row_key

# Which open deals a column has, and whether closed ones are part of it.
BEHIND: dict[str, tuple[Sequence[str], bool]] = {
    "closed": ((), True),
    "commit": (PROMISED, False),
    "best_case": ((Category.BEST_CASE,), False),
    "pipeline": ((Category.PIPELINE,), False),
    "omitted": ((Category.OMITTED,), False),
    "commit_forecast": (PROMISED, True),
    "best_case_forecast": (LIKELY, True),
    "open_pipeline": ((Category.PIPELINE, *LIKELY), False),
}


class NoSuchMember(LookupError):
    """Nobody of this scope has a place in that team."""


@dataclass(frozen=True)
class Said:
    """One act in the history of a figure: from what to what, by whom, when and why."""

    at: datetime
    author: User
    what: Any
    column: str
    before: Decimal | None
    after: Decimal | None
    why: str


@dataclass(frozen=True)
class Opened:
    """A member's figures. `within` is the team (None: the company) in which it is a member."""

    asked: Asked
    found: Forecast
    node: Node
    team: Team | None
    within: int | None

    @property
    def called(self) -> Called:
        return self.found.calls.of(self.node)

    @property
    def user(self) -> User | None:
        return self.found.members.people.get(self.asked.scope.id) if self.is_person else None

    @property
    def is_person(self) -> bool:
        return self.asked.scope.kind is ScopeKind.USER

    @property
    def is_own(self) -> bool:
        return self.is_person and self.asked.scope.id == self.asked.viewer.pk

    @property
    def is_member(self) -> bool:
        """Whether the team above counts it as called, not by the system alone."""
        if self.is_person:
            home = self.team.pk if self.team else None
            return self.found.members.belongs(self.asked.scope.id, home)
        return self.team is not None

    @property
    def may_adjust(self) -> bool:
        """Whether the viewer may replace it here and now."""
        user = self.asked.scope.id if self.is_person else None
        may = may_adjust(self.asked.viewer, self.within, user)
        return may and self.is_member and is_called(self.found.period, self.asked.at)

    @property
    def may_submit(self) -> bool:
        """Whether it is the viewer's own to submit."""
        calls = is_called(self.found.period, self.asked.at) and not self.asked.viewer.looks_back
        return self.is_own and self.is_member and calls

    def figure(self, column: str) -> Figure:
        return self.called.of(column)


def opened(asked: Asked, team: str = "") -> Opened:
    """The figures of a scope; of a person those in one team, if one is named by its slug.

    NoSuchMember where the person has no place there.
    """
    found = forecast(asked.reading(asked.period), asked.tree, everybody=True)
    root = found.forest.root
    if asked.scope.kind is not ScopeKind.USER:
        own = asked.tree.teams.get(asked.scope.id)
        above = found.forest.parents.get(asked.scope.id)
        return Opened(asked, found, root, own, above)
    node = _place(found, asked, team)
    own = asked.tree.teams[node.team] if node.team else None
    return Opened(asked, found, node, own, node.team)


def _place(found: Forecast, asked: Asked, team: str) -> Node:
    members = found.forest.root.members
    slugs = {node.team: asked.tree.teams[node.team].slug if node.team else "" for node in members}
    places = [node for node in members if slugs[node.team] == team] if team else members
    if not places:
        raise NoSuchMember
    home = found.members.homes.get(asked.scope.id)
    return min(places, key=lambda node: node.team != home)


def history_of(opened: Opened, column: str = "") -> list[Said]:
    """Everything that was said of a cell, newest first; of one column, or of both."""
    moment = moment_of(opened.found.reading)
    said = [*_submitted(opened, moment), *_adjusted(opened, moment)]
    chosen = [each for each in said if not column or each.column == column]
    return sorted(chosen, key=lambda each: each.at, reverse=True)


def _submitted(opened: Opened, moment: datetime | None) -> Iterator[Said]:
    if not opened.is_person:
        return
    rows: CallQuerySet = Submission.objects.of_periods([opened.found.period])
    own = rows.filter(user=opened.asked.scope.id, team=opened.team)
    before: Submission | None = None
    for each in own.said_by(moment).select_related("user").order_by("at", "pk"):
        for column in Column:
            was = getattr(before, column) if before else getattr(each, f"base_{column}")
            after = getattr(each, column)
            yield Said(each.at, each.user, _("Submitted"), column, was, after, each.note)
        before = each


def _adjusted(opened: Opened, moment: datetime | None) -> Iterator[Said]:
    rows: CallQuerySet = Adjustment.objects.of_periods([opened.found.period])
    member = Q(user=opened.asked.scope.id) if opened.is_person else Q(child=opened.team, user=None)
    if not opened.is_person and opened.team is None:
        return
    last: dict[str, Decimal] = {}
    of_cell = rows.filter(member, team=opened.within).said_by(moment)
    for each in of_cell.select_related("author").order_by("number"):
        what = _("Adjusted") if each.value is not None else _("Adjustment taken back")
        before = last.get(each.column, each.base)
        after = each.base if each.value is None else each.value
        last[each.column] = after
        yield Said(each.at, each.author, what, each.column, before, after, each.reason)


def deals_behind(opened: Opened, head: Head) -> Rows:
    """The deals of a cell as dicts of `deal` and `worth`, which add up to the system's figure."""
    reading = opened.found.reading
    categories, with_closed = BEHIND[head.key]
    parts: list[Rows] = []
    if categories:
        parts.append(EXPECTED.rows(reading).filter(counts_as__in=categories))
    if with_closed:
        parts.append(CLOSED.rows(reading))
    if opened.is_person:
        parts = [rows.filter(team=opened.team) for rows in parts]
    chosen = [
        rows.order_by().values(deal=F(row_key(rows)), worth=reading.money()) for rows in parts
    ]
    whole = chosen[0].union(*chosen[1:], all=True)
    ordered: Rows = whole.order_by("-worth", "deal")
    return ordered


def deals_of(rows: Sequence[dict[str, Any]]) -> list[tuple[Deal, Decimal | None]]:
    """A page of those rows, with the deals themselves as they stand at the request's instant."""
    ids = [row["deal"] for row in rows]
    known = {deal.pk: deal for deal in Deal.objects.for_listing().filter(pk__in=ids)}
    return [(known[row["deal"]], row["worth"]) for row in rows if row["deal"] in known]
