"""What is read together: measures of one population in one reading, whole or split."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    Q,
    TextField,
    When,
)
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.epochs import Epochs, seen_from
from accounts.scope import Tree
from kpis.storage.columns import is_stored
from kpis.storage.reading import Stored, stored_expression
from kpis.storage.rests import Rests, rests_of_rows
from periods import Period
from pipeline.measures import Measure, number_of_rows
from pipeline.populations import Population, Rows
from pipeline.reading import Reading

WHOLE = ""
_NO_KEY = Constant(WHOLE, TextField())
_CROSS = Constant(":", TextField())
# Split by numbers, which are quicker to group by than text.
_NUMBERED = frozenset({"rep", "source", "stage", "product"})
Cells = dict[str, dict[Measure, "Decimal | None"]]
Children = Epochs[dict[int, frozenset[int]]]
"""The teams that a scope is split into, each with all below it."""


@dataclass(frozen=True)
class Split:
    """How the rows of a population are parted: by a dimension, into periods, or both at once."""

    dimension: str = ""
    periods: tuple[Period, ...] = ()

    def __hash__(self) -> int:
        # Parts are looked up for every value, and two years have many months to hash.
        return hash((self.dimension, self.periods[:1], len(self.periods)))


NO_SPLIT = Split()


def crossed_key(number: int, key: str) -> str:
    """Names a part of a dimension within the period of that number, from 1."""
    return f"{number}:{key}"


def part_of_crossed(key: str) -> str:
    """The part of the dimension that such a key names."""
    return key.partition(":")[2]


@dataclass(frozen=True)
class Part:
    population: Population
    reading: Reading
    split: Split


@dataclass(frozen=True, eq=False)
class Select:
    """Some measures of a part, read from the facts or from stored values.

    Additive measures of populations whose rows are among the part's may be read with them.
    """

    part: Part
    measures: tuple[Measure, ...]
    children: Children = ()
    stored: Stored | None = None

    @classmethod
    def of(cls, part: Part, measures: Sequence[Measure], tree: Tree) -> Iterator[Select]:
        """The reading of a part, as far as it can be from stored values."""
        split = part.split
        children = _children(part.reading, tree) if split.dimension == "team" else ()
        how = Stored.find(part.population, part.reading, split.dimension, split.periods)
        if how and _teams_moved(part.reading, children):
            how = None
        kept = tuple(measure for measure in measures if how and is_stored(measure))
        if kept:
            yield cls(part, kept, children, how)
        if others := tuple(measure for measure in measures if measure not in kept):
            yield cls(part, others, children)

    @property
    def population(self) -> Population:
        return self.stored.population if self.stored else self.part.population

    @property
    def source(self) -> Hashable:
        """Names the rows that it is read from, whatever their dates."""
        return self.part.population, self.stored and (self.stored.unit, self.stored.level)

    def rests(self, statement: Rests | None) -> Rests | None:
        """What the values rest on: stored ones on what they were made of."""
        return rests_of_rows(self.part.population) if self.stored else statement

    def at_other_times(self, part: Part, children: Children) -> Select:
        """The same of a part that differs in its times."""
        stored = self.stored and replace(self.stored, reading=part.reading)
        return replace(self, part=part, children=children, stored=stored)

    def rows(self) -> Rows:
        """Its rows: the key of the split, which may be a number, then a column for each measure."""
        rows = self.population.rows(self.part.reading)
        keyed = rows.order_by().annotate(key=self._key(rows))
        named = {f"value_{place}": column for place, column in enumerate(self._columns)}
        found: Rows = keyed.values("key").annotate(**named)
        return found.values_list("key", *named)

    @property
    def width(self) -> int:
        """How many values each of its rows has."""
        return len(self.measures) + len(self._counted)

    @property
    def _columns(self) -> list[Expression]:
        if self.stored:
            return [stored_expression(measure) for measure in self.measures]
        reading = self.part.reading
        values = [each.expression(reading, self._only(each.of)) for each in self.measures]
        return values + [number_of_rows(self._only(each)) for each in self._counted]

    @property
    def _counted(self) -> tuple[Population, ...]:
        """The populations beside the part's own of which not every part of a split has rows."""
        others = {measure.of: None for measure in self.measures} if not self.stored else {}
        others.pop(self.part.population, None)
        return tuple(others) if self.part.split != NO_SPLIT else ()

    def _only(self, population: Population) -> Q | None:
        """Which of the part's rows are a population's; None where all are."""
        wider = dict(population.wider(self.part.reading))
        return wider.get(self.part.population)

    def told(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Part, Cells]]:
        """What rows say of each population that was read, by the key of the split."""
        counted = {each: len(self.measures) + place for place, each in enumerate(self._counted)}
        places: dict[Population, dict[Measure, int]] = {}
        for place, measure in enumerate(self.measures):
            places.setdefault(measure.of, {})[measure] = place
        for population, values in places.items():
            there = counted.get(population)
            cells = {
                key: {measure: found[place] for measure, place in values.items()}
                for key, *found in rows
                if there is None or found[there]
            }
            yield replace(self.part, population=population), cells

    def _key(self, rows: Rows) -> Any:
        split = self.part.split
        if not split.periods:
            return self._member(rows) if split.dimension else _NO_KEY
        if not split.dimension:
            return self._bucket()
        member = Coalesce(Cast(self._member(rows), TextField()), Constant("", TextField()))
        return Concat(Cast(self._bucket(), TextField()), _CROSS, member)

    def _member(self, rows: Rows) -> Any:
        """The part of the dimension that a row falls into."""
        dimension = self.part.split.dimension
        path = self.population.dimensions[dimension]
        column = self.part.reading.column(rows, path)
        if dimension in _NUMBERED:
            return column
        itself = Coalesce(Cast(column, TextField()), Constant("", TextField()))
        cases = self._cases(path)
        return Case(*cases, default=itself, output_field=TextField()) if cases else itself

    def _cases(self, path: str) -> list[When]:
        """Each child of the scope with all below it; what is credited directly stays apart."""
        return [
            When(when, **{f"{path}__in": team_ids}, then=Constant(str(team_id)))
            for when, parts in self._epochs()
            for team_id, team_ids in parts.items()
        ]

    def _epochs(self) -> Iterator[tuple[Q, dict[int, frozenset[int]]]]:
        """The children by the tree of a row's date, with the rows of each epoch."""
        reading, population = self.part.reading, self.population
        epochs = self.children
        if epochs and not population.dated_by:
            epochs = seen_from(epochs, reading.stands_at)[-1:]
        since, column = Q(), population.dated_by
        for epoch in epochs:
            if epoch.until is None:
                yield since, epoch.held
                continue
            edge = reading.calendar.business_day(epoch.until) if population.is_day else epoch.until
            yield since & Q(**{f"{column}__lt": edge}), epoch.held
            since = Q(**{f"{column}__gte": edge})

    def _bucket(self) -> Func:
        """The number, from 1, of the period that a row's date falls into."""
        periods, is_day = self.part.split.periods, self.population.is_day
        kind: DateField[Any, Any] = DateField() if is_day else DateTimeField()
        bounds = Cast(
            Constant(edges_of(periods, is_day=is_day), ArrayField(kind)), ArrayField(kind)
        )
        column = F(self.population.dated_by)
        return Func(column, bounds, function="width_bucket", output_field=IntegerField())


def together(selects: Sequence[Select]) -> Iterator[Select]:
    """The same measures, where rows among those of another one are counted with these."""
    wide = {select.part: list(select.measures) for select in selects if not select.stored}
    for part, measures in wide.items():
        host = _host(part, wide)
        if host is not None:
            wide[host] += [measure for measure in measures if measure.is_additive]
            measures[:] = [measure for measure in measures if not measure.is_additive]
    for select in selects:
        left = select.measures if select.stored else tuple(wide[select.part])
        if left:
            yield replace(select, measures=left)


def _host(part: Part, wide: Mapping[Part, Sequence[Measure]]) -> Part | None:
    """The widest of the parts whose rows have a part's rows among them."""
    wider = [replace(part, population=each) for each, _only in part.population.wider(part.reading)]
    return next((each for each in reversed(wider) if wide.get(each)), None)


def edges_of(periods: Sequence[Period], *, is_day: bool) -> list[Any]:
    """Where the periods begin, as days or as instants."""
    return [period.start if is_day else period.starts_at for period in periods]


def _children(reading: Reading, tree: Tree) -> Children:
    epochs = tree.parts(reading.scope)
    if reading.present_tree:
        return epochs[-1:]
    return seen_from(epochs, reading.as_of) if reading.as_of else epochs


def _teams_moved(reading: Reading, children: Children) -> bool:
    """Whether the teams that matter changed within the period, whose values are not kept apart."""
    if reading.present_tree:
        return False
    edges = {epoch.until for epochs in (reading.scope.epochs, children) for epoch in epochs}
    starts_at, ends_at = reading.period.starts_at, reading.period.ends_at
    return any(starts_at < edge < ends_at for edge in edges if edge is not None)
