"""One statement for many measures: readings of populations, joined by UNION ALL.

Each part is a simple aggregate that finds its own index; measures over the same rows share
one part. However many figures a page shows, the database is asked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    Q,
    TextField,
    When,
)
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce

from accounts.epochs import Epochs, seen_from
from accounts.scope import Tree
from kpis.declarations import Parts
from kpis.storage.columns import is_stored
from kpis.storage.reading import (
    Stored,
    complete_spans,
    span_key,
    span_of,
    stored_expression,
)
from kpis.storage.recall import Recall, recall
from kpis.storage.remembering import Told, remember
from kpis.storage.rests import Rests, read_union, rests_of_rows
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

    def __hash__(self) -> int:
        # Parts are looked up for every value, and two years have many months to hash.
        return hash((self.dimension, self.periods[:1], len(self.periods)))


NO_SPLIT = Split()


@dataclass(frozen=True)
class Part:
    population: Population
    reading: Reading
    split: Split


@dataclass(frozen=True)
class _Job:
    """Some measures of a part, read from the facts or from stored values."""

    part: Part
    measures: tuple[Measure, ...]
    stored: Stored | None = None

    @classmethod
    def of(cls, part: Part, measures: Sequence[Measure], tree: Tree) -> Iterator[_Job]:
        """The reading of a part, as far as it can be from stored values."""
        split = part.split
        how = Stored.find(part.population, part.reading, split.dimension, split.periods)
        if how and _teams_moved(part, tree):
            how = None
        kept = tuple(measure for measure in measures if how and is_stored(measure))
        if kept:
            yield cls(part, kept, how)
        if others := tuple(measure for measure in measures if measure not in kept):
            yield cls(part, others)

    @property
    def population(self) -> Population:
        return self.stored.population if self.stored else self.part.population

    def rests(self, statement: Rests | None) -> Rests | None:
        """What the values rest on: stored ones on what they were made of."""
        return rests_of_rows(self.part.population) if self.stored else statement

    @property
    def columns(self) -> list[Expression]:
        if self.stored:
            return [stored_expression(measure) for measure in self.measures]
        return [measure.expression(self.part.reading) for measure in self.measures]


@dataclass
class Plan:
    """Collects what is to be read, reads it in one statement, and hands the values out."""

    tree: Tree
    _parts: dict[Part, list[Measure]] = field(default_factory=dict)
    _cells: dict[Part, Cells] = field(default_factory=dict)

    def want(self, measure: Measure, reading: Reading, split: Split = NO_SPLIT) -> None:
        """Add a measure to what is read."""
        wanted = self._parts.setdefault(Part(measure.of, reading, split), [])
        if measure not in wanted:
            wanted.append(measure)

    def read(self) -> None:
        """Ask the database, once; of the facts again where stored values were incomplete."""
        recalled = recall(self._parts)
        for (part, measure), cells in recalled.found.items():
            self._hand_out(part, {key: {measure: value} for key, value in cells.items()})
        jobs = [
            job
            for part in self._parts
            for job in _Job.of(part, self._unknown(part, recalled), self.tree)
        ]
        told, complete = self._ask(jobs)
        again = [job for job in jobs if job.stored and not job.stored.spans <= complete]
        for job in again:
            del told[job]
        told |= self._ask([replace(job, stored=None) for job in again])[0]
        for one in told.values():
            self._hand_out(one.part, one.cells)
        remember(told.values(), drains=recalled.drains)

    def _unknown(self, part: Part, recalled: Recall) -> list[Measure]:
        return [one for one in self._parts[part] if (part, one) not in recalled.found]

    def _hand_out(self, part: Part, cells: Mapping[str, Mapping[Measure, Any]]) -> None:
        for key, values in cells.items():
            self._cells.setdefault(part, {}).setdefault(key, {}).update(values)

    def _ask(self, jobs: list[_Job]) -> tuple[dict[_Job, Told], set[StoredSpan]]:
        """What the jobs found, and the spans of which stored values are complete."""
        found: dict[int, Cells] = {number: {} for number in range(len(jobs))}
        complete = set()
        rows, rests = read_union(list(self._selects(jobs)))
        for number, key, *values in rows:
            if number == PROOF:
                complete.add(span_of(key))
            else:
                found[number][key] = dict(zip(jobs[number].measures, values, strict=False))
        told = {
            job: Told(job.part, job.measures, found[number], job.rests(rests.get(number)))
            for number, job in enumerate(jobs)
        }
        return told, complete

    def _selects(self, jobs: list[_Job]) -> Iterator[Rows]:
        width = max((len(job.measures) for job in jobs), default=0)
        for number, job in enumerate(jobs):
            rows = job.population.rows(job.part.reading)
            key = self._key(job, rows)
            yield _select(number, rows, key, job.columns, width)
        if needed := [job.stored for job in jobs if job.stored]:
            yield _select(PROOF, complete_spans(needed), span_key(), [], width)

    def value(
        self, measure: Measure, reading: Reading, split: Split = NO_SPLIT, key: str = WHOLE
    ) -> Decimal | None:
        """What was read; the measure's own answer over no rows where there were none."""
        cells = self._cells.get(Part(measure.of, reading, split), {})
        value = cells.get(key, {}).get(measure)
        return measure.empty if value is None else value

    def keys(self, measure: Measure, reading: Reading, split: Split) -> set[str]:
        """The parts into which the rows fell."""
        return set(self._cells.get(Part(measure.of, reading, split), {}))

    def _key(self, job: _Job, rows: Rows) -> Any:
        split = job.part.split
        if split.periods:
            return Cast(_bucket(job.population, split.periods), TextField())
        if not split.dimension:
            return _NO_KEY
        path = job.population.dimensions[split.dimension]
        column = job.part.reading.column(rows, path)
        itself = Coalesce(Cast(column, TextField()), Constant("", TextField()))
        cases = self._children(job, path) if split.dimension == "team" else []
        return Case(*cases, default=itself, output_field=TextField()) if cases else itself

    def _children(self, job: _Job, path: str) -> list[When]:
        """Each child of the scope with all below it; what is credited directly stays apart."""
        return [
            When(when, **{f"{path}__in": team_ids}, then=Constant(str(team_id)))
            for when, parts in self._epochs(job)
            for team_id, team_ids in parts.items()
        ]

    def _epochs(self, job: _Job) -> Iterator[tuple[Q, dict[int, frozenset[int]]]]:
        """The children by the tree of a row's date, with the rows of each epoch."""
        reading, population = job.part.reading, job.population
        epochs = _parts(reading, self.tree)
        if not population.dated_by:
            epochs = seen_from(epochs, reading.stands_at)[-1:]
        since, column = Q(), population.dated_by
        for epoch in epochs:
            if epoch.until is None:
                yield since, epoch.held
                continue
            edge = reading.calendar.business_day(epoch.until) if population.is_day else epoch.until
            yield since & Q(**{f"{column}__lt": edge}), epoch.held
            since = Q(**{f"{column}__gte": edge})


def _parts(reading: Reading, tree: Tree) -> Epochs[dict[int, frozenset[int]]]:
    epochs = tree.parts(reading.scope)
    if reading.present_tree:
        return epochs[-1:]
    return seen_from(epochs, reading.as_of) if reading.as_of else epochs


def _teams_moved(part: Part, tree: Tree) -> bool:
    """Whether the teams that matter changed within the period, whose values are not kept apart."""
    reading = part.reading
    if reading.present_tree:
        return False
    edges = {epoch.until for epoch in reading.scope.epochs}
    if part.split.dimension == "team":
        edges |= {epoch.until for epoch in tree.parts(reading.scope)}
    starts_at, ends_at = reading.period.starts_at, reading.period.ends_at
    return any(starts_at < edge < ends_at for edge in edges if edge is not None)


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
