"""What a measure is: an aggregate over a population of facts, declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db.models import Aggregate, Avg, Count, Expression, FloatField, Q, Sum
from django.db.models import Value as Constant
from django.db.models.functions import Cast

from accounts.scope import Tree
from charts.numbers import Unit
from pipeline.populations import Population
from pipeline.reading import NUMBER, Reading


class Percentile(Aggregate):
    """PostgreSQL's percentile_cont; cannot be added up, so it is computed for each scope."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Expression, *, share: str, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


class How(Enum):
    """How values are put together; those of the quantiles are their shares."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "0.5"
    P75 = "0.75"


@dataclass(frozen=True, eq=False)
class Told:
    """A measure that a teller is asked for: in which reading, parted by which dimension."""

    measure: Measure
    reading: Reading
    dimension: str


Teller = Callable[[Sequence[Told], Tree], Sequence[Mapping[str, Decimal | None]]]
"""Answers each of several, in their order, by the keys of its parts; "" is the whole's."""


@dataclass(frozen=True, eq=False)
class Measure:
    """What is computed over the rows of a population.

    `value` is what each row brings in (None: the row itself is counted). `empty` is the answer
    over no rows: nothing sold is 0, but nothing recorded is unknown (None). `unit` is
    stated where it does not follow from how it is computed. What `runs_with_the_clock` is another
    figure at every instant, so that it is never kept. What people say is no aggregate: a `teller`
    works it out, and `value` is what one saying brings in.
    """

    key: str
    label: Any
    of: Population
    how: How = How.COUNT
    value: Callable[[Reading], Expression] | None = None
    empty: Decimal | None = Decimal(0)
    unit: Unit | None = None
    runs_with_the_clock: bool = False
    teller: Teller | None = None

    @property
    def is_additive(self) -> bool:
        """Whether figures of parts add up to that of the whole."""
        return self.how in (How.COUNT, How.SUM)

    def unit_within(self, figure: Unit) -> Unit:
        """Its own unit as a part of a figure in that unit."""
        if self.unit is not None:
            return self.unit
        return {How.COUNT: Unit.COUNT, How.SUM: Unit.MONEY}.get(self.how, figure)

    def expression(self, reading: Reading, only: Q | None = None) -> Expression:
        """The aggregate over the population's rows, as a number.

        What is additive also over those of a wider population's rows that `only` says.
        """
        if self.value is None:
            return number_of_rows(only)
        value = self.value(reading)
        if self.how is How.SUM:
            return Cast(Sum(value, filter=only), NUMBER)
        if self.how is How.MEAN:
            return Cast(Avg(value), NUMBER)
        return Cast(Percentile(value, share=self.how.value), NUMBER)

    def contribution(self, reading: Reading) -> Expression:
        """What one row brings in: contributions of an additive measure add up to it."""
        return Constant(Decimal(1), NUMBER) if self.value is None else self.value(reading)


def number_of_rows(only: Q | None = None) -> Expression:
    """How many rows there are, or of them those that `only` says."""
    return Cast(Count("*") if only is None else Count(Constant(1), filter=only), NUMBER)


def amount(reading: Reading) -> Expression:
    """The row's amount in the company's currency."""
    return reading.money()
