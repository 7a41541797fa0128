"""Which measures are stored, and by which SQL their values are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, Expression, F, Func

from accounts.models import Company
from accounts.scope import COMPANY
from kpis.models import StoredValue, Unit
from kpis.registry import all_kpis
from periods import YEARS, Calendar, Period
from pipeline.measures import How, Measure
from pipeline.models import Rate
from pipeline.populations import Population
from pipeline.reading import Reading

_NOT_VALUES = {"id", "level", "unit", "start", "team", "owner"}
# Flows do not depend on the present; any will do.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@cache
def columns() -> tuple[str, ...]:
    """The stored measures' keys, in the order of the table's columns."""
    names = [field.name for field in StoredValue._meta.concrete_fields]
    return tuple(name for name in names if name not in _NOT_VALUES)


@cache
def declared_measures() -> dict[str, Measure]:
    """Every measure that some KPI is made of, by its key."""
    bases = [basis for kpi in all_kpis().values() for basis in kpi.bases]
    return {measure.key: measure for basis in bases for measure in basis.measures.values()}


@cache
def stored_measures() -> tuple[Measure, ...]:
    """The measures that have a column."""
    return tuple(declared_measures()[name] for name in columns())


@cache
def is_stored(measure: Measure) -> bool:
    """Whether the measure has a column; those of the same key need not be the same."""
    return measure in stored_measures()


@cache
def counted(population: Population) -> Measure | None:
    """The stored measure whose column tells whether the population has any rows."""
    found = (m for m in stored_measures() if m.of is population and m.how is How.COUNT)
    return next(found, None)


@dataclass(frozen=True)
class Source:
    """One population with all that is stored of it."""

    population: Population
    measures: tuple[Measure, ...]

    @property
    def fact(self) -> str:
        return str(self.population.fact._meta.model_name)

    @property
    def team(self) -> str | None:
        return self.population.dimensions.get("team")

    @property
    def owner(self) -> str | None:
        return self.population.dimensions.get("rep")


@cache
def sources() -> tuple[Source, ...]:
    """What is stored, by population."""
    by_population = sorted(stored_measures(), key=lambda measure: measure.of.key)
    grouped = groupby(by_population, key=lambda measure: measure.of)
    return tuple(Source(population, tuple(measures)) for population, measures in grouped)


@cache
def stored_facts() -> frozenset[str]:
    """The facts whose changes may move a stored value."""
    return frozenset({source.fact for source in sources()} | {str(Rate._meta.model_name)})


def reading_of(period: Period, currency: str, *, at: datetime = _ANY_TIME) -> Reading:
    """How stored values read the facts of a period: of everybody, as they are now."""
    return Reading(scope=COMPANY, period=period, at=at, currency=currency)


def definition() -> str:
    """Names the SQL that makes the values, with the company's currency and zone in it."""
    company = Company.current()
    return _definition(company.currency, company.calendar.zone)


def definition_of(reading: Reading) -> str:
    """Names the SQL of values that can answer a reading."""
    return _definition(reading.currency, reading.calendar.zone)


@cache
def _definition(currency: str, zone: ZoneInfo) -> str:
    reading = reading_of(_some_month(zone), currency)
    told = "\n".join(str(sql_of(source, reading)) for source in sources())
    return sha256(told.encode()).hexdigest()


def _some_month(zone: ZoneInfo) -> Period:
    """A month that nobody asks for, whose days stand in SQL for those of any period."""
    return Period(date(YEARS[-1], 1, 1), date(YEARS[-1], 2, 1), None, Calendar(zone=zone))


@dataclass(frozen=True)
class Sql:
    """A piece of a statement with its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()

    @classmethod
    def union(cls, parts: Sequence[Sql]) -> Sql:
        """The rows of all of them."""
        return cls(
            " UNION ALL ".join(part.text for part in parts),
            tuple(parameter for part in parts for parameter in part.parameters),
        )


def sql_of(source: Source, reading: Reading, by_unit: Expression | None = None) -> Sql:
    """What a source comes to in a reading, a row for each (team, owner) or each team.

    With `by_unit`, which tells the span of a row by its first day, for each span apart.
    """
    credited = [path for path in (source.team, source.owner) if path]
    if by_unit is not None:
        credited.insert(0, "start_of_unit")
    values = {f"value_{measure.key}": measure.expression(reading) for measure in source.measures}
    rows = source.population.rows(reading).order_by()
    if by_unit is not None:
        rows = rows.annotate(start_of_unit=by_unit)
    rows = rows.values(*credited).annotate(**values)
    text, parameters = rows.values_list(*credited, *values).query.sql_with_params()
    return Sql(text, tuple(parameters))


def sql_for(source: Source, period: Period, currency: str, unit: Unit | None = None) -> Sql:
    """The same for a period, without building the query anew each time.

    With a unit, for each month or week in the period apart.
    """
    zone = period.calendar.zone
    some, stand_in = _sql_of_some_month(source, currency, zone, unit), _some_month(zone)
    days = {
        stand_in.start: period.start,
        stand_in.end: period.end,
        stand_in.starts_at: period.starts_at,
        stand_in.ends_at: period.ends_at,
    }
    parameters = (days.get(p, p) if isinstance(p, date) else p for p in some.parameters)
    return Sql(some.text, tuple(parameters))


@cache
def _sql_of_some_month(source: Source, currency: str, zone: ZoneInfo, unit: Unit | None) -> Sql:
    reading, column = reading_of(_some_month(zone), currency), source.population.dated_by
    if unit is None:
        return sql_of(source, reading)
    day = F(column) if source.population.is_day else reading.business_day(column)
    # Of a day, not an instant, so that no zone moves it.
    start = Func(
        day,
        template=f"date_trunc('{unit.value}', (%(expressions)s)::timestamp)::date",
        output_field=DateField(),
    )
    return sql_of(source, reading, start)
