"""The roll-up: what is closed and what is open by category, for all that a scope is made of.

Closed deals count by close date, open ones by their expected close. One statement reads them by
team, owner and category, however many periods are asked for; the tree is summed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cached_property

from django.db.models import Case, Expression, F, IntegerField, Sum, TextField, When
from django.db.models import Value as Constant
from django.db.models.functions import Cast

from accounts.epochs import Epochs, Parents, below, seen_from
from accounts.scope import ScopeKind, Tree
from forecasting.populations import CLOSED, EXPECTED
from pipeline.models import Category
from pipeline.populations import Rows
from pipeline.reading import NUMBER, Reading

Path = tuple[int, ...]
WON = "won"
COLUMN_OF = {
    WON: "closed",
    Category.CLOSED: "commit",
    Category.COMMIT: "commit",
    Category.BEST_CASE: "best_case",
    Category.PIPELINE: "pipeline",
    Category.OMITTED: "omitted",
}


@dataclass(frozen=True)
class Amounts:
    """By category, in the company's currency; NaN where an exchange rate is missing."""

    closed: Decimal = Decimal(0)
    commit: Decimal = Decimal(0)
    best_case: Decimal = Decimal(0)
    pipeline: Decimal = Decimal(0)
    omitted: Decimal = Decimal(0)

    def __add__(self, other: Amounts) -> Amounts:
        names = [each.name for each in fields(self)]
        return Amounts(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def commit_forecast(self) -> Decimal:
        return self.commit + self.closed

    @property
    def best_case_forecast(self) -> Decimal:
        return self.best_case + self.commit_forecast

    @property
    def open_pipeline(self) -> Decimal:
        """What is open and not omitted."""
        return self.pipeline + self.best_case + self.commit

    @property
    def uncommitted(self) -> Decimal:
        """What is open and could still be promised."""
        return self.pipeline + self.best_case


@dataclass
class Node:
    """A team with its members, or a person's work within a team; the root may be neither.

    `amounts` of a team are the sum of its members'. What stood elsewhere in the tree earlier in
    the period `is_past`: a team that moved since is a member of both.
    """

    team: int | None = None
    user: int | None = None
    is_past: bool = False
    amounts: Amounts = field(default_factory=Amounts)
    members: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """The members, theirs, and so on; each before its own."""
        for member in self.members:
            yield member
            yield from member.walk()

    def add_up(self) -> Amounts:
        """Sum the members, and theirs before them."""
        if self.members:
            self.amounts = sum((each.add_up() for each in self.members), Amounts())
        return self.amounts


@dataclass(frozen=True)
class Leaf:
    """What one person has of one category in one team, by the tree of one era."""

    era: int
    team: int | None
    user: int
    counts_as: str
    amount: Decimal | None


def rollup(readings: Sequence[Reading], tree: Tree) -> list[Forest]:
    """The tree of each reading's scope, with every team and every person who has work there."""
    statements = [
        part for number, reading in enumerate(readings) for part in _parts(number, reading, tree)
    ]
    leaves: dict[int, list[Leaf]] = {number: [] for number in range(len(readings))}
    if statements:
        for number, *found in statements[0].union(*statements[1:], all=True):
            leaves[number].append(Leaf(*found))
    return [
        Forest.grown(reading, eras_of(reading, tree), leaves[number])
        for number, reading in enumerate(readings)
    ]


def eras_of(reading: Reading, tree: Tree) -> Epochs[Parents]:
    """How the teams stood from the period's start on, until the instant that is looked at."""
    epochs: Epochs[Parents] = tree.lineage.epochs(lambda parents: parents)
    if reading.present_tree:
        return epochs[-1:]
    epochs = seen_from(epochs, reading.as_of) if reading.as_of else epochs
    epochs = seen_from(epochs, reading.standing or reading.instant)
    start = reading.period.starts_at
    return tuple(each for each in epochs if each.until is None or each.until > start)


def _parts(number: int, reading: Reading, tree: Tree) -> Iterator[Rows]:
    """The open and the closed deals of a reading."""
    eras = eras_of(reading, tree)
    now = Constant(len(eras) - 1, IntegerField())
    yield _sums(number, reading, EXPECTED.rows(reading), now, F("counts_as"))
    edges = [
        When(closed_at__lt=era.until, then=Constant(place))
        for place, era in enumerate(eras)
        if era.until is not None
    ]
    era = Case(*edges, default=now, output_field=IntegerField()) if edges else now
    yield _sums(number, reading, CLOSED.rows(reading), era, Constant(WON, TextField()))


def _sums(
    number: int, reading: Reading, rows: Rows, era: Expression, counts_as: Expression | F
) -> Rows:
    named = rows.order_by().annotate(
        number=Constant(number, IntegerField()), era=era, label=Cast(counts_as, TextField())
    )
    keys = ("number", "era", "team_id", "owner_id", "label")
    found: Rows = named.values(*keys).annotate(total=Cast(Sum(reading.money()), NUMBER))
    return found.values_list(*keys, "total")


@dataclass
class Forest:
    """A scope's tree, summed; `places` are its nodes by path, team and person."""

    reading: Reading
    eras: Epochs[Parents]
    root: Node = field(default_factory=Node)
    places: dict[tuple[Path, int | None, int | None], Node] = field(default_factory=dict)

    @classmethod
    def grown(cls, reading: Reading, eras: Epochs[Parents], leaves: Sequence[Leaf]) -> Forest:
        """With everybody's amounts in their places."""
        forest = cls(reading, eras, _root(reading))
        for leaf in leaves:
            node = forest.person(leaf.team, leaf.user, leaf.era)
            column = COLUMN_OF[leaf.counts_as]
            brought = Amounts(**{column: leaf.amount or Decimal(0)})
            node.amounts = node.amounts + brought
        forest.root.add_up()
        return forest

    @cached_property
    def parents(self) -> Parents:
        """The tree at the instant that is looked at."""
        return self.eras[-1].held

    @property
    def teams(self) -> list[int]:
        """Every team below the root at the instant that is looked at."""
        scope = self.reading.scope
        if scope.kind is ScopeKind.USER:
            return []
        top = [scope.id] if scope.kind is ScopeKind.TEAM else self._tops
        return sorted(below(self.parents, top) - {scope.id})

    @property
    def _tops(self) -> list[int]:
        return [team for team, above in self.parents.items() if above is None]

    def holds(self, team: int | None, user: int) -> bool:
        """Whether a person's work in a team belongs to the scope."""
        scope = self.reading.scope
        if scope.kind is ScopeKind.USER:
            return user == scope.id and (not scope.team_ids or team in scope.team_ids)
        return scope.kind is ScopeKind.COMPANY or team == scope.id or team in self._below

    @cached_property
    def _below(self) -> frozenset[int]:
        return frozenset(self.teams)

    def person(self, team: int | None, user: int, era: int = -1) -> Node:
        """A person's work in a team, in the place where that stood."""
        above, is_past = self._path(team, era), self._has_moved(team, era)
        key = (above, team, user)
        if key not in self.places:
            self.places[key] = Node(team, user, is_past)
            self._team(above, era).members.append(self.places[key])
        return self.places[key]

    def team(self, team: int) -> Node:
        """A team below the root, in its present place."""
        return self._team(self._path(team, -1), -1)

    def _team(self, path: Path, era: int) -> Node:
        if not path:
            return self.root
        key = (path, path[-1], None)
        if key not in self.places:
            self.places[key] = Node(path[-1], None, self._has_moved(path[-1], era))
            self._team(path[:-1], era).members.append(self.places[key])
        return self.places[key]

    def _path(self, team: int | None, era: int) -> Path:
        """The teams from below the root down to this one."""
        scope = self.reading.scope
        if scope.kind is ScopeKind.USER:
            return ()
        parents, path = self.eras[era].held, list[int]()
        top = scope.id if scope.kind is ScopeKind.TEAM else None
        while team is not None and team != top:
            path.append(team)
            team = parents.get(team)
        return tuple(reversed(path))

    def _has_moved(self, team: int | None, era: int) -> bool:
        return self._path(team, era) != self._path(team, -1)


def _root(reading: Reading) -> Node:
    scope = reading.scope
    return Node(
        team=scope.id if scope.kind is ScopeKind.TEAM else None,
        user=scope.id if scope.kind is ScopeKind.USER else None,
    )
