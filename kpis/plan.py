"""One statement for many measures: readings of populations, joined by UNION ALL.

Each part is a simple aggregate that finds its own index; measures over the same rows share
one part. However many figures a page shows, the database is asked once.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from kpis.storage.reading import Proof, Stored, stored_expression
from periods import Period
from pipeline.measures import Measure
from pipeline.populations import Population, Rows
from pipeline.reading import NUMBER, Reading

WHOLE = ""
_NO_KEY = Constant(WHOLE, TextField())
# The number of the row that vouches for stored values.
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
        """Ask the database, once; of the facts again where stored values proved out of date."""
        found = {part: part.stored(measures) for part, measures in self._parts.items()}
        stored = {part: how for part, how in found.items() if how}
        facts = [part for part in self._parts if part not in stored]
        if not self._ask(facts, stored):
            self._ask(list(stored), {})

    def _ask(self, facts: list[_Part], stored: dict[_Part, Stored]) -> bool:
        """Read parts from the facts and from stored values; whether these can be trusted."""
        parts = [*facts, *stored]
        if not parts:
            return True
        proof = Proof.of(stored.values())
        width = max(len(self._parts[part]) for part in parts)
        selects = [self._select(number, part, width) for number, part in enumerate(facts)]
        for number, (part, how) in enumerate(stored.items(), start=len(facts)):
            selects.append(self._select_stored(number, part, how, width))
        if stored:
            selects.append(_select(PROOF, proof.rows(), _NO_KEY, [proof.expression()], width))
        complete = 0
        for number, key, *values in selects[0].union(*selects[1:], all=True):
            if number == PROOF:
                complete = values[0]
                continue
            cells = self._cells.setdefault(parts[number], {})
            cells[key] = dict(zip(self._parts[parts[number]], values, strict=False))
        if complete == proof.needed:
            return True
        for part in stored:
            self._cells.pop(part, None)
        return False

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

    def _select(self, number: int, part: _Part, width: int) -> Rows:
        columns = [measure.expression(part.reading) for measure in self._parts[part]]
        return _select(number, part.population.rows(part.reading), self._key(part), columns, width)

    def _select_stored(self, number: int, part: _Part, how: Stored, width: int) -> Rows:
        columns = [stored_expression(measure) for measure in self._parts[part]]
        key = self._key(replace(part, population=how.population))
        return _select(number, how.rows(), key, columns, width)

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
