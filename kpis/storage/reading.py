"""Answers from stored values what they can answer, and says whether they could be trusted.

The proof comes in the same statement as the values, hence from the same snapshot: every span is
complete, and no mark of a changed fact waits to be acted on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, Expression, F, Q, Sum
from django.db.models.functions import Cast

from accounts.scope import ScopeKind
from kpis.models import Level, StoredUnit, StoredValue, Unit
from kpis.storage.columns import counted, definition_of, is_stored, stored_facts
from kpis.storage.units import spans_within, units_of
from periods import Period
from pipeline.measures import Measure
from pipeline.models import Touched
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
        measures: Iterable[Measure],
        reading: Reading,
        dimension: str,
        periods: tuple[Period, ...],
    ) -> Stored | None:
        """None where only the facts have the answer."""
        if not (settings.STORED_VALUES and all(is_stored(measure) for measure in measures)):
            return None
        if reading != Reading(reading.scope, reading.period, reading.at, reading.currency):
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
            self.reading.scope.covers(),
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


@dataclass(frozen=True)
class Proof:
    """Asks whether all that a statement reads from stored values holds."""

    spans: frozenset[tuple[Unit, Period, str]]

    @classmethod
    def of(cls, found: Iterable[Stored]) -> Proof:
        return cls(
            frozenset(
                (stored.unit, stored.reading.period, definition_of(stored.reading))
                for stored in found
            )
        )

    @property
    def needed(self) -> int:
        """How many spans must be complete."""
        return len({span for unit, period, _ in self.spans for span in spans_within(period, unit)})

    def rows(self) -> Rows:
        """The complete spans among them; none while a mark waits."""
        among = Q(pk__in=[])
        for unit, period, definition in self.spans:
            among |= period.covers_days("start") & Q(unit=unit, definition=definition)
        waiting = Touched.objects.filter(fact__in=stored_facts())
        rows: Rows = StoredUnit._base_manager.filter(among, ~Exists(waiting))
        return rows

    def expression(self) -> Expression:
        """How many of them are complete."""
        return Cast(Count("pk"), NUMBER)
