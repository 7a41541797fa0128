"""Which measures are stored, and by which SQL their values are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from zoneinfo import ZoneInfo

from accounts.models import Company
from accounts.scope import COMPANY
from kpis.models import StoredValue
from kpis.registry import all_kpis
from periods import Calendar, Period
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
    """How stored values read the facts of a period."""
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
    calendar = Calendar(zone=zone)
    period = Period(date(2000, 1, 1), date(2000, 2, 1), None, calendar)
    told = "\n".join(sql_of(reading_of(period, currency)))
    return sha256(told.encode()).hexdigest()


def sql_of(reading: Reading) -> list[str]:
    """The SQL of every stored measure."""
    return [_sql(source, reading) for source in sources()]


def _sql(source: Source, reading: Reading) -> str:
    values = {measure.key: measure.expression(reading) for measure in source.measures}
    rows = source.population.rows(reading).order_by().values("pk").annotate(**values)
    sql, parameters = rows.query.sql_with_params()
    return f"{sql} {parameters}"
