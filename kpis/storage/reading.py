"""Answers from stored values what they can answer, and says whether they could be trusted.

The proof comes in the same statement as the values, hence from the same snapshot: every span is
complete, and no mark of a changed fact waits to be acted on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.db.models import Expression, F, Sum
from django.db.models.functions import Cast

from accounts.scope import ScopeKind
from kpis.models import Level, StoredUnit, StoredValue, Unit
from kpis.storage.columns import Sql, counted, definition_of, stored_facts
from kpis.storage.units import StoredSpan, spans_within, units_of
from periods import Period
from pipeline.measures import Measure
from pipeline.models import Touched
from pipeline.past import seen
from pipeline.populations import Population, Rows
from pipeline.reading import NUMBER, Reading

# The paths of the dimensions that stored values can be split by.
DIMENSIONS = {"rep": "owner", "team": "team"}


@dataclass(frozen=True)
class Stored:
    """A reading that stored values can answer, whole or split by `dimension` or into `periods`."""

    counts: Population
    reading: Reading
    unit: Unit
    dimension: str

    @classmethod
    def find(
        cls,
        population: Population,
        reading: Reading,
        dimension: str,
        periods: tuple[Period, ...],
    ) -> Stored | None:
        """None where only the facts have the answer."""
        if not settings.STORED_VALUES or seen() is not None:
            return None
        plain = Reading(reading.scope, reading.period, reading.at, reading.currency)
        if reading != replace(plain, present_tree=reading.present_tree):
            return None
        if dimension and (dimension not in DIMENSIONS or counted(population) is None):
            return None
        unit = _common_unit([reading.period, *periods])
        return cls(population, reading, unit, dimension) if unit else None

    @property
    def level(self) -> Level:
        kind = self.reading.scope.kind
        if self.dimension == "rep" or kind is ScopeKind.USER:
            return Level.LEAF
        if self.dimension == "team" or kind is ScopeKind.TEAM:
            return Level.TEAM
        return Level.COMPANY

    @property
    def needs(self) -> tuple[Unit, Period, str]:
        """The units, the period made of them, and the SQL that must have filled them."""
        return self.unit, self.reading.period, definition_of(self.reading)

    @property
    def spans(self) -> set[StoredSpan]:
        """The spans that must be complete."""
        return spans_within(self.reading.period, self.unit)

    @property
    def population(self) -> Population:
        """The stored rows, as something that measures are read over."""
        return Population(
            key=f"stored_{self.counts.key}",
            fact=StoredValue,
            select=lambda _reading: self.rows(),
            dated_by="start",
            is_day=True,
            dimensions=DIMENSIONS,
        )

    def rows(self) -> Rows:
        """The stored rows that it adds up."""
        rows: Rows = StoredValue._base_manager.filter(
            self.reading.credited(day="start"),
            self.reading.period.covers_days("start"),
            level=self.level,
            unit=self.unit,
        )
        presence = counted(self.counts) if self.dimension else None
        return rows.filter(**{f"{presence.key}__isnull": False}) if presence else rows


def stored_expression(measure: Measure) -> Expression:
    """What the measure comes to over stored rows."""
    return Cast(Sum(F(measure.key)), NUMBER)


def _common_unit(periods: Iterable[Period]) -> Unit | None:
    """The longest unit of which all the periods are made."""
    common = set(Unit).intersection(*(units_of(period) for period in periods))
    return next((unit for unit in Unit if unit in common), None)


_PROOF = f"""
SELECT made.unit || ' ' || made.start AS key FROM {StoredUnit._meta.db_table} AS made
JOIN unnest(%s::text[], %s::date[], %s::date[], %s::text[])
    AS needed (unit, start, after, definition)
    ON made.unit = needed.unit AND made.definition = needed.definition
    AND made.start >= needed.start AND made.start < needed.after
WHERE NOT EXISTS (SELECT FROM {Touched._meta.db_table} WHERE fact = ANY (%s))
"""


def complete_spans(needed: Iterable[Stored]) -> Sql:
    """The spans among those needed whose values hold, as `span_of` reads them.

    None while a mark waits.
    """
    rows = [
        (unit.value, period.start, period.end, definition)
        for unit, period, definition in {stored.needs for stored in needed}
    ]
    return Sql(_PROOF, (*map(list, zip(*rows, strict=True)), sorted(stored_facts())))


def span_of(key: str) -> StoredSpan:
    """The span that a key of `complete_spans` names."""
    unit, start = key.split()
    return StoredSpan(Unit(unit), date.fromisoformat(start))
