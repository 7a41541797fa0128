"""One statement for many measures: readings of populations, joined by UNION ALL.

Each part is a simple aggregate that finds its own index; measures over the same rows share
one part. However many figures a page shows, the database is asked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    DateField,
    DateTimeField,
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
from periods import Period
from pipeline.measures import Measure
from pipeline.populations import Population, Rows
from pipeline.reading import NUMBER, Reading

WHOLE = ""
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
        """Ask the database, once."""
        if not self._parts:
            return
        width = max(len(measures) for measures in self._parts.values())
        selects = [
            self._select(number, part, measures, width)
            for number, (part, measures) in enumerate(self._parts.items())
        ]
        parts = list(self._parts)
        for number, key, *values in selects[0].union(*selects[1:], all=True):
            measures = self._parts[parts[number]]
            cells = self._cells.setdefault(parts[number], {})
            cells[key] = dict(zip(measures, values, strict=False))

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

    def _select(self, number: int, part: _Part, measures: Sequence[Measure], width: int) -> Rows:
        rows = part.population.rows(part.reading).order_by()
        keyed = rows.annotate(number=Constant(number, IntegerField()), key=self._key(part)).values(
            "number", "key"
        )
        columns = list(_columns(measures, part.reading, width))
        named = {f"value_{index}": column for index, column in enumerate(columns)}
        select: Rows = keyed.annotate(**named).values_list("number", "key", *named)
        return select

    def _key(self, part: _Part) -> Any:
        split = part.split
        if split.periods:
            return Cast(_bucket(part.population, split.periods), TextField())
        if split.dimension == "team":
            return self._team_key(part)
        if split.dimension:
            path = part.population.dimensions[split.dimension]
            return Coalesce(Cast(F(path), TextField()), Constant("", TextField()))
        return Constant(WHOLE, TextField())

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


def _columns(measures: Sequence[Measure], reading: Reading, width: int) -> Iterator[Any]:
    for measure in measures:
        yield measure.expression(reading)
    for _missing in range(width - len(measures)):
        yield Cast(Constant(None), NUMBER)


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
