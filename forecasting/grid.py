"""The grid as people see it: a row a member, a figure a column, and what was said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from charts.data import Style
from charts.numbers import Unit, write
from forecasting.asking import Asked, targets_of
from forecasting.calls import Called, Figure, people_of
from forecasting.deadlines import Duty, duties
from forecasting.forecasts import Forecast, moment_of
from forecasting.models import Column
from forecasting.rights import is_called, may_adjust, sells_alone
from forecasting.rollup import Amounts, Node

SINGLE, CUMULATIVE = "single", "cumulative"
MODES = (CUMULATIVE, SINGLE)


@dataclass(frozen=True)
class Head:
    """A column: how it is called, what it adds up, and which of the called figures it is."""

    key: str
    label: Any
    help: Any
    amount: Callable[[Amounts], Decimal]
    column: str = ""


CLOSED = Head(
    "closed", gettext_lazy("Closed"), gettext_lazy("Won, by close date"), lambda each: each.closed
)
HEADS: Mapping[str, Sequence[Head]] = {
    SINGLE: (
        CLOSED,
        Head(
            "commit",
            gettext_lazy("Commit"),
            gettext_lazy("Open deals that their owners promise"),
            lambda each: each.commit,
        ),
        Head(
            "best_case",
            gettext_lazy("Best case"),
            gettext_lazy("Open deals that are won if things go well"),
            lambda each: each.best_case,
        ),
        Head(
            "pipeline",
            gettext_lazy("Pipeline"),
            gettext_lazy("Open deals at an early stage"),
            lambda each: each.pipeline,
        ),
        Head(
            "omitted",
            gettext_lazy("Omitted"),
            gettext_lazy("Open deals that count in no forecast"),
            lambda each: each.omitted,
        ),
    ),
    CUMULATIVE: (
        CLOSED,
        Head(
            "commit_forecast",
            Column.COMMIT.label,
            gettext_lazy("Closed and committed, as submitted and adjusted"),
            lambda each: each.commit_forecast,
            Column.COMMIT.value,
        ),
        Head(
            "best_case_forecast",
            Column.BEST_CASE.label,
            gettext_lazy("Closed, committed and best case, as submitted and adjusted"),
            lambda each: each.best_case_forecast,
            Column.BEST_CASE.value,
        ),
        Head(
            "open_pipeline",
            gettext_lazy("Open pipeline"),
            gettext_lazy("All that is open and not omitted, without what is closed"),
            lambda each: each.open_pipeline,
        ),
    ),
}
ALL_HEADS: Mapping[str, Head] = {head.key: head for heads in HEADS.values() for head in heads}


@dataclass(frozen=True)
class Shown:
    """A cell: its figure in words, where it opens, and the layers under it where they differ."""

    head: Head
    text: str
    url: str
    layers: tuple[str, ...] = ()
    is_adjusted: bool = False
    is_stale: bool = False


@dataclass(frozen=True)
class Row:
    """One member, or the whole (`is_total`)."""

    node: Node
    name: str
    url: str
    cells: tuple[Shown, ...]
    target: str
    gap: str
    gap_kind: str
    coverage: str
    changed_at: datetime | None
    waiting: str
    note: str
    nudge: int | None = None
    is_late: bool = False
    is_total: bool = False


@dataclass(frozen=True)
class Standing:
    """How far a called commit forecast is from its target."""

    target: Decimal | None
    called: Decimal
    uncommitted: Decimal

    @property
    def gap(self) -> Decimal | None:
        """Below zero where it falls short."""
        unknown = self.target is None or self.called.is_nan()
        return None if unknown or self.target is None else self.called - self.target

    @property
    def coverage(self) -> Decimal | None:
        """What is open beyond the commit ÷ what is missing; None where nothing is."""
        if self.gap is None or self.gap >= 0 or self.uncommitted.is_nan():
            return None
        return self.uncommitted / -self.gap


class Grid:
    """A scope's members as rows, the whole above them."""

    def __init__(self, asked: Asked, found: Forecast, style: Style, mode: str) -> None:
        self.asked = asked
        self.found = found
        self.style = style
        self.mode = mode
        self.heads = HEADS[mode]
        self._targets = targets_of(found, asked.viewer)
        self._people = _people(found)

    def rows(self) -> list[Row]:
        """The whole, then teams, then people, each by name."""
        root = self.found.forest.root
        members = [node for node in root.members if self._is_shown(node)]
        ordered = sorted(members, key=lambda node: (node.user is not None, self.name_of(node)))
        return [self._row(root), *(self._row(node) for node in ordered)]

    def standing(self, node: Node) -> Standing:
        """Against the target that is the node's own."""
        figure = self.found.calls.of(node).commit
        called = figure.base if node is self.found.forest.root else figure.value
        target = None if node.is_past else self._targets.get(id(node))
        return Standing(target, called, node.amounts.uncommitted)

    def money(self, value: Decimal | None) -> str:
        known = None if value is None or value.is_nan() else value
        return write(known, Unit.MONEY, language=self.style.language, currency=self.style.currency)

    def name_of(self, node: Node) -> str:
        if node is self.found.forest.root:
            return self.asked.scope.label
        if node.user is not None:
            return str(self._people.get(node.user, ""))
        return self.asked.tree.teams[node.team].name if node.team else ""

    def is_waiting(self, node: Node) -> bool:
        """Whether a person was to submit and has not."""
        person = self._people.get(node.user or 0)
        if person is None or node.is_past or not is_called(self.found.period, self.asked.at):
            return False
        theirs = self.found.members.belongs(person.pk, node.team)
        if person.pk in self.duties:
            return theirs and not self.duties[person.pk].is_done
        asked_of = sells_alone(person) or node.amounts != Amounts()
        return theirs and asked_of and self.found.calls.of(node).submission is None

    @cached_property
    def duties(self) -> dict[int, Duty]:
        """What deadlines ask of each person for this period."""
        at = moment_of(self.found.reading) or self.asked.at
        return duties(self.found.members, self.found.period, self.asked.tree, at)

    def _is_shown(self, node: Node) -> bool:
        """Everybody with work or a promise, all teams, and whoever is still to submit."""
        if node.user is None or node.amounts != Amounts():
            return True
        known = self._targets.get(id(node)) is not None
        return known or self.found.calls.of(node).submission is not None or self.is_waiting(node)

    def _row(self, node: Node) -> Row:
        root = self.found.forest.root
        standing, called = self.standing(node), self.found.calls.of(node)
        gap = standing.gap
        return Row(
            node=node,
            name=self.name_of(node),
            url="" if node is root or node.is_past else self._page(node),
            cells=tuple(self._cell(head, node, called) for head in self.heads),
            target=self.money(standing.target),
            gap=self._signed(gap),
            gap_kind="" if gap is None else ("good" if gap >= 0 else "bad"),
            coverage=self._coverage(standing),
            changed_at=max(self._changes(node), default=None),
            waiting=self._waiting(node),
            note=self._note(node),
            nudge=self._nudged(node),
            is_late=node.user in self.duties and self.duties[node.user].missed is not None,
            is_total=node is root,
        )

    def _signed(self, gap: Decimal | None) -> str:
        return write(
            gap,
            Unit.MONEY,
            language=self.style.language,
            currency=self.style.currency,
            signed=True,
        )

    def _coverage(self, standing: Standing) -> str:
        if standing.gap is not None and standing.gap >= 0:
            return _("met")
        return write(
            standing.coverage,
            Unit.RATIO,
            language=self.style.language,
            currency=self.style.currency,
            places=1,
        )

    def _cell(self, head: Head, node: Node, called: Called) -> Shown:
        url = "" if node.is_past else self.cell_url(head, node)
        if not head.column:
            return Shown(head, self.money(head.amount(node.amounts)), url)
        figure = called.of(head.column)
        is_root = node is self.found.forest.root
        return Shown(
            head,
            self.money(figure.base if is_root else figure.value),
            url,
            layers=tuple(self._layers(figure, is_root=is_root)),
            is_adjusted=figure.adjusted is not None and not is_root,
            is_stale=figure.is_stale and not is_root,
        )

    def _layers(self, figure: Figure, *, is_root: bool) -> Iterator[str]:
        """What differs from the figure that counts, from the bottom up."""
        counts = figure.base if is_root else figure.value
        if figure.system != counts:
            yield _("System %(amount)s") % {"amount": self.money(figure.system)}
        if figure.submitted is not None and figure.submitted != counts:
            yield _("Submitted %(amount)s") % {"amount": self.money(figure.submitted)}
        elif figure.submitted is None and figure.base not in (figure.system, counts):
            yield _("Called %(amount)s") % {"amount": self.money(figure.base)}
        if figure.adjusted is not None:
            words = _("Above: %(amount)s") if is_root else _("Adjusted to %(amount)s")
            yield words % {"amount": self.money(figure.adjusted)}

    def _changes(self, node: Node) -> Iterator[datetime]:
        for each in (node, *node.walk()):
            called = self.found.calls.of(each)
            if called.submission:
                yield called.submission.at
            for column in Column:
                adjustment = called.of(column).adjustment
                if adjustment:
                    yield adjustment.at

    def _waiting(self, node: Node) -> str:
        if node.user is not None and node is not self.found.forest.root:
            return self._not_submitted(node.user) if self.is_waiting(node) else ""
        people = [each for each in people_of(node) if self._is_shown(each)]
        waiting = sum(self.is_waiting(each) for each in people)
        if not waiting:
            return ""
        if self.asked.scope.kind == "user":
            return self._not_submitted(self.asked.scope.id)
        return _("%(count)s not submitted yet") % {"count": waiting}

    def _not_submitted(self, user: int | None) -> str:
        duty = self.duties.get(user or 0)
        words = _("Not submitted yet")
        return words if duty is None else f"{words} · {duty.in_words(self.asked.at)}"

    def _nudged(self, node: Node) -> int | None:
        """Whom the viewer may remind with a press, if this is somebody who is still to submit."""
        if node.user is None or self.asked.as_of or not self.is_waiting(node):
            return None
        viewer = self.asked.viewer
        return node.user if may_adjust(viewer, node.team, node.user) else None

    def _note(self, node: Node) -> str:
        if node.is_past:
            return _("Before the team moved")
        person = node.user is not None and node is not self.found.forest.root
        if person and not self.found.members.belongs(node.user or 0, node.team):
            return _("No longer in this team") if node.team else _("Credited to no team")
        return ""

    def _page(self, node: Node) -> str:
        """The same page about a member."""
        if node.user is not None:
            return self._to(scope=f"user:{node.user}")
        return self._to(scope=f"team:{self.asked.tree.teams[node.team or 0].slug}")

    def _to(self, **changes: str) -> str:
        return f"{reverse('forecasting:forecast')}?{urlencode({**self._stated, **changes})}"

    @property
    def _stated(self) -> dict[str, str]:
        asked = self.asked
        stated = {"period": asked.period.code, "mode": self.mode}
        if asked.as_of:
            stated["as_of"] = asked.as_of.isoformat()
        return stated | ({"structure": asked.structure} if asked.structure else {})

    def cell_url(self, head: Head, node: Node) -> str:
        """Where a cell opens: its layers, its history and the deals behind it."""
        address = {**self._stated, "column": head.key, **self._member(node)}
        return f"{reverse('forecasting:cell')}?{urlencode(address)}"

    def _member(self, node: Node) -> dict[str, str]:
        if node is self.found.forest.root:
            return {"scope": self.asked.scope.code}
        team = self.asked.tree.teams[node.team].slug if node.team else ""
        if node.user is None:
            return {"scope": f"team:{team}"}
        return {"scope": f"user:{node.user}", "team": team}


def _people(found: Forecast) -> dict[int, User]:
    """Everybody with a place, in one query for those who belong to none of the teams."""
    known = dict(found.members.people)
    others = {node.user for node in people_of(found.forest.root) if node.user not in known}
    return known | (User.objects.in_bulk(others) if others else {})


def finding_of(grid: Grid) -> str:
    """How far the commit forecast is from the target, in a sentence."""
    standing = grid.standing(grid.found.forest.root)
    called = grid.money(standing.called)
    if standing.gap is None or standing.target is None:
        return _("Commit forecast %(called)s. There is no target for this period.") % {
            "called": called
        }
    words = {
        "called": called,
        "target": grid.money(standing.target),
        "gap": grid.money(abs(standing.gap)),
    }
    if standing.gap >= 0:
        return _("Commit forecast %(called)s: %(gap)s above the target of %(target)s.") % words
    return _("Commit forecast %(called)s: %(gap)s short of the target of %(target)s.") % words
