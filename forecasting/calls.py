"""What people make of the roll-up: submitted and adjusted figures, layer upon layer.

A person's figure is what they submitted, else the system's. A lead may put another in its place
in the lead's own team, whose figure is the sum of its members' as adjusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from forecasting.models import Adjustment, Column, Submission
from forecasting.rollup import Amounts, Forest, Node

Cell = tuple[int | None, int | None, int | None, str]
"""In which team (None: the company), of which person or else which child team, which column."""


@dataclass(frozen=True)
class Figure:
    """One column of one member, with every layer; NaN where an exchange rate is missing.

    `base` is what an adjustment replaces: what was submitted, else the system's; of a team the
    sum of its members' figures. `adjustment` is the last one, also where it was taken back.
    """

    system: Decimal
    base: Decimal
    submitted: Decimal | None = None
    adjustment: Adjustment | None = None

    @property
    def adjusted(self) -> Decimal | None:
        return self.adjustment.value if self.adjustment else None

    @property
    def value(self) -> Decimal:
        """What the team above counts."""
        return self.base if self.adjusted is None else self.adjusted

    @property
    def is_stale(self) -> bool:
        """Whether what an adjustment replaced has moved since, as figures are kept."""
        if self.adjustment is None or self.adjusted is None:
            return False
        return bool(self.adjustment.base != round(self.base, 2))

    @property
    def number(self) -> int:
        """How often the cell was adjusted so far."""
        return self.adjustment.number if self.adjustment else 0


@dataclass(frozen=True)
class Called:
    """Both columns of a member, and what the person submitted last."""

    commit: Figure
    best_case: Figure
    submission: Submission | None = None

    def of(self, column: str) -> Figure:
        return self.commit if column == Column.COMMIT else self.best_case


@dataclass(frozen=True)
class Said:
    """The last submission of each person in a team, and the last adjustment of each cell."""

    submissions: Mapping[tuple[int | None, int], Submission] = field(default_factory=dict)
    adjustments: Mapping[Cell, Adjustment] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.submissions or self.adjustments)


@dataclass(frozen=True)
class Effect:
    """By how much one submission or adjustment moves every figure above it."""

    column: str
    amount: Decimal
    top: Node
    """The member of the root under which it is, or is itself."""

    by: Submission | Adjustment


class Calls:
    """The figures of a forest's nodes, by what was said."""

    def __init__(self, forest: Forest, said: Said) -> None:
        self.forest = forest
        self.said = said
        self._called: dict[int, Called] = {}
        self._elsewhere = _elsewhere(forest)
        self.effects: list[Effect] = []
        members = [
            (member, self._call(member, forest.root, member)) for member in forest.root.members
        ]
        self._called[id(forest.root)] = self._of_root(members)

    def of(self, node: Node) -> Called:
        """A node's figures; of the root without what is made of it above."""
        return self._called[id(node)]

    def _of_root(self, members: list[tuple[Node, Called]]) -> Called:
        """One person's own figure is what they submitted, whatever their lead makes of it."""
        root = self.forest.root
        own = root.user is not None
        bases = [
            sum(
                (each.of(c).base if own else each.of(c).value for _node, each in members),
                Decimal(0),
            )
            for c in Column
        ]
        above = self.forest.parents.get(root.team) if root.team is not None else None
        figures = [
            Figure(
                system_of(root.amounts, column),
                base,
                adjustment=None if own else self._adjustment(above, root, column),
            )
            for column, base in zip(Column, bases, strict=True)
        ]
        return Called(figures[0], figures[1])

    def _call(self, node: Node, above: Node, top: Node) -> Called:
        for member in node.members:
            self._call(member, node, top)
        submission = (
            None if node.is_past else self.said.submissions.get((node.team, node.user or 0))
        )
        figures = [self._figure(node, above, top, column, submission) for column in Column]
        found = self._called[id(node)] = Called(figures[0], figures[1], submission)
        return found

    def _figure(
        self, node: Node, above: Node, top: Node, column: Column, submission: Submission | None
    ) -> Figure:
        system = system_of(node.amounts, column)
        submitted = None
        base = system
        if node.user is None:
            base = sum((self.of(each).of(column).value for each in node.members), Decimal(0))
        elif submission is not None:
            submitted = getattr(submission, column) - self._counted_elsewhere(node, column)
            base = submitted
            self.effects.append(Effect(column, submitted - system, top, submission))
        within = node.team if self.forest.root.user else above.team
        adjustment = None if node.is_past else self._adjustment(within, node, column)
        figure = Figure(system, base, submitted, adjustment)
        counts = self.forest.root.user is None
        if counts and adjustment is not None and adjustment.value is not None:
            self.effects.append(Effect(column, adjustment.value - base, top, adjustment))
        return figure

    def _adjustment(self, within: int | None, node: Node, column: Column) -> Adjustment | None:
        child = None if node.user else node.team
        return self.said.adjustments.get((within, node.user, child, column.value))

    def _counted_elsewhere(self, node: Node, column: Column) -> Decimal:
        """What the same work brought in where the team stood earlier, and counts there."""
        return system_of(self._elsewhere.get((node.team, node.user), Amounts()), column)


def system_of(amounts: Amounts, column: str) -> Decimal:
    """The system's own figure of a column."""
    return amounts.commit_forecast if column == Column.COMMIT else amounts.best_case_forecast


def _elsewhere(forest: Forest) -> dict[tuple[int | None, int | None], Amounts]:
    found: dict[tuple[int | None, int | None], Amounts] = {}
    for node in forest.root.walk():
        if node.user is not None and node.is_past:
            key = node.team, node.user
            found[key] = found.get(key, Amounts()) + node.amounts
    return found


def people_of(node: Node) -> Iterator[Node]:
    """The persons below a node."""
    return (each for each in node.walk() if each.user is not None)
