"""One statement for many measures: readings of populations, joined by UNION ALL.

Each part is a simple aggregate that finds its own index; measures over the same rows share
one part. However many figures a page shows, the database is asked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    Expression,
    F,
    Func,
    IntegerField,
    TextField,
    When,
)
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce

from accounts.scope import Scope, ScopeKind, Tree
from kpis.declarations import Parts
from kpis.storage.reading import (
    Stored,
    complete_spans,
    span_key,
    span_of,
    stored_expression,
)
from kpis.storage.units import StoredSpan
from periods import Period
from pipeline.measures import Measure
from pipeline.populations import Population, Rows
from pipeline.reading import NUMBER, Reading

WHOLE = ""
_NO_KEY = Constant(WHOLE, TextField())
# The number of the rows that say which stored values are complete.
PROOF = -1
Cells = dict[str, dict[Measure, "Decimal | None"]]


@dataclass(frozen=True)
class Split:
    """How the rows of a population are parted: by a dimension, or into periods."""

    dimension: str = ""
    periods: tuple[Period, ...] = ()


NO_SPLIT = Split()


@dataclass(frozen=True)
class _Part:
    population: Population
    reading: Reading
    split: Split

    def stored(self, measures: Sequence[Measure]) -> Stored | None:
        """How stored values can answer it, if they can."""
        return Stored.find(
            self.population, measures, self.reading, self.split.dimension, self.split.periods
        )


@dataclass
class Plan:
    """Collects what is to be read, reads it in one statement, and hands the values out."""

    tree: Tree
    _parts: dict[_Part, list[Measure]] = field(default_factory=dict)
    _cells: dict[_Part, Cells] = field(default_factory=dict)

    def want(self, measure: Measure, reading: Reading, split: Split = NO_SPLIT) -> None:
        """Add a measure to what is read."""
        wanted = self._parts.setdefault(_Part(measure.of, reading, split), [])
        if measure not in wanted:
            wanted.append(measure)

    def read(self) -> None:
        """Ask the database, once; of the facts again where stored values were incomplete."""
        found = {part: part.stored(measures) for part, measures in self._parts.items()}
        stored = {part: how for part, how in found.items() if how}
        complete = self._ask([part for part in found if part not in stored], stored)
        self._ask([part for part, how in stored.items() if not how.spans <= complete], {})

    def _ask(self, facts: list[_Part], stored: dict[_Part, Stored]) -> set[StoredSpan]:
        """Read parts from the facts and from stored values; which of these are complete."""
        parts = [*facts, *stored]
        if not parts:
            return set()
        self._cells |= {part: {} for part in parts}
        complete = set()
        first, *others = self._selects(facts, stored)
        for number, key, *values in first.union(*others, all=True):
            if number == PROOF:
                complete.add(span_of(key))
            else:
                part = parts[number]
                self._cells[part][key] = dict(zip(self._parts[part], values, strict=False))
        return complete

    def _selects(self, facts: list[_Part], stored: dict[_Part, Stored]) -> Iterator[Rows]:
        width = max(len(self._parts[part]) for part in (*facts, *stored))
        for number, part in enumerate(facts):
            columns = [measure.expression(part.reading) for measure in self._parts[part]]
            rows = part.population.rows(part.reading)
            yield _select(number, rows, self._key(part), columns, width)
        for number, (part, how) in enumerate(stored.items(), start=len(facts)):
            columns = [stored_expression(measure) for measure in self._parts[part]]
            key = self._key(replace(part, population=how.population))
            yield _select(number, how.rows(), key, columns, width)
        if stored:
            yield _select(PROOF, complete_spans(stored.values()), span_key(), [], width)

    def value(
        self, measure: Measure, reading: Reading, split: Split = NO_SPLIT, key: str = WHOLE
    ) -> Decimal | None:
        """What was read; the measure's own answer over no rows where there were none."""
        cells = self._cells.get(_Part(measure.of, reading, split), {})
        if key not in cells:
            return measure.empty
        value = cells[key][measure]
        return measure.empty if value is None else value

    def keys(self, measure: Measure, reading: Reading, split: Split) -> set[str]:
        """The parts into which the rows fell."""
        return set(self._cells.get(_Part(measure.of, reading, split), {}))

    def _key(self, part: _Part) -> Any:
        split = part.split
        if split.periods:
            return Cast(_bucket(part.population, split.periods), TextField())
        if split.dimension == "team":
            return self._team_key(part)
        if split.dimension:
            path = part.population.dimensions[split.dimension]
            return Coalesce(Cast(F(path), TextField()), Constant("", TextField()))
        return _NO_KEY

    def _team_key(self, part: _Part) -> Any:
        """Each child of the scope with all below it; what is credited directly stays apart."""
        path = part.population.dimensions["team"]
        cases = [
            When(**{f"{path}__in": self.tree.subtree([team_id])}, then=Constant(str(team_id)))
            for team_id in children_of(part.reading.scope, self.tree)
        ]
        direct = Coalesce(Cast(F(path), TextField()), Constant("", TextField()))
        return Case(*cases, default=direct, output_field=TextField()) if cases else direct


def children_of(scope: Scope, tree: Tree) -> list[int]:
    """The teams that a scope's figures are split into."""
    if scope.kind is ScopeKind.USER:
        return []
    parent = scope.id if scope.kind is ScopeKind.TEAM else None
    return [team.pk for team in tree.teams.values() if team.parent_id == parent]


def _select(number: int, rows: Rows, key: Any, columns: list[Expression], width: int) -> Rows:
    keyed = rows.order_by().annotate(number=Constant(number, IntegerField()), key=key)
    nothing = [Cast(Constant(None), NUMBER)] * (width - len(columns))
    named = {f"value_{index}": column for index, column in enumerate([*columns, *nothing])}
    select: Rows = keyed.values("number", "key").annotate(**named)
    return select.values_list("number", "key", *named)


def _bucket(population: Population, periods: tuple[Period, ...]) -> Func:
    """The number, from 1, of the period that a row's date falls into."""
    if population.is_day:
        edges: list[Any] = [period.start for period in periods]
        kind: DateField[Any, Any] = DateField()
    else:
        edges = [period.starts_at for period in periods]
        kind = DateTimeField()
    bounds = Cast(Constant(edges, ArrayField(kind)), ArrayField(kind))
    return Func(
        F(population.dated_by), bounds, function="width_bucket", output_field=IntegerField()
    )


def parts_of(
    measures: dict[str, Measure],
    plan: Plan,
    reading: Reading,
    split: Split = NO_SPLIT,
    key: str = WHOLE,
) -> Parts:
    """The values of a KPI's parts by name."""
    return {name: plan.value(measure, reading, split, key) for name, measure in measures.items()}
