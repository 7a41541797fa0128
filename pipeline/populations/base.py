"""What a population is: the rows that a figure rests on.

What is counted, what is summed and what a figure opens to are all this very set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from periods import Period
from periods.spans import days_after, year_before
from pipeline.models import DealLine
from pipeline.reading import Reading, row_key

Rows = QuerySet[Any]


@dataclass(frozen=True, eq=False)
class Population:
    """A selection of one fact's rows.

    `dated_by` is the column that puts a row into a period ("" for stocks), `is_day` whether it
    holds a date rather than an instant. `dimensions` maps the names that figures are split and
    filtered by to columns. `by_customer` says that a row counts or not by what its customer's
    other rows are, so that a change reaches those. `is_followed` says that what became of a
    row later decides, so that an earlier period is compared at equal age. `is_walked` says that
    rows tell of what deals went through, too many for a trend over years.
    `reads` are further facts that decide. Its rows may be those `among` another population's that
    `only` says: asked for together, they are read once.
    """

    key: str
    fact: type[Model]
    select: Callable[[Reading], Rows]
    dated_by: str = ""
    is_day: bool = False
    dimensions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    by_customer: bool = False
    is_followed: bool = False
    is_walked: bool = False
    reads: tuple[type[Model], ...] = ()
    among: Population | None = None
    only: Callable[[Reading], Q] = lambda _reading: Q()

    def wider(self, reading: Reading) -> Iterator[tuple[Population, Q]]:
        """The populations that its rows are among, and which of theirs they are; nearest first."""
        population, only = self, Q()
        while population.among is not None:
            only &= population.only(reading)
            population = population.among
            yield population, only

    @property
    def facts(self) -> frozenset[str]:
        """The facts whose changes may change the rows or what they bring in, by model name."""
        models = (self.fact, *self.reads)
        return frozenset(str(model._meta.model_name) for model in models)

    def facts_of(self, dimension: str) -> frozenset[str]:
        """The facts beside its own whose changes put rows into another part of a dimension."""
        reference, _, rest = self.dimensions.get(dimension, "").partition("__")
        beside = self.fact._meta.get_field(reference).related_model if rest else None
        return frozenset([str(beside._meta.model_name)] if isinstance(beside, type) else [])

    def rows(self, reading: Reading) -> Rows:
        """The rows of a reading, with its filters.

        KeyError for a filter on a dimension that this fact does not have.
        """
        rows = self.select(reading)
        for name, value in reading.filters:
            rows = self._filtered(rows, reading, name, value)
        return rows

    def _filtered(self, rows: Rows, reading: Reading, name: str, value: str) -> Rows:
        path = self.dimensions[name]
        if not path.startswith("lines__"):
            column = f"filter_{name}"
            found: Rows = rows.alias(**{column: reading.column(rows, path)})
            return found.filter(**{column: value})
        # A join to the lines would count a deal once for each of them.
        lines = reading.stock(DealLine) if not self.dated_by else reading.flow(DealLine)
        sold = {path.removeprefix("lines__"): value}
        return rows.filter(Exists(lines.filter(deal=OuterRef(row_key(rows)), **sold)))


def dated(rows: Rows, day: Any) -> Rows:
    """The rows with the business day `on` at whose rate their money counts."""
    found: Rows = rows.annotate(on=day)
    return found


def over_a_year(reading: Reading) -> Reading:
    """The same over the twelve months that end with its period, or today while that runs."""
    after = days_after(reading.day, 1)
    year = Period(year_before(after), after, None, reading.calendar)
    return replace(reading, period=year)
