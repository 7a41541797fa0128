"""Which exchange rate a total lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Value as Constant
from django.db.models.functions import Cast

from pipeline.measures import Measure
from pipeline.reading import NUMBER, Reading


@dataclass(frozen=True)
class MissingRate:
    """A currency without a price on a day or in the seven days before it."""

    currency: str
    day: date


def missing_rate(measures: Iterable[Measure], reading: Reading) -> MissingRate | None:
    """What the latest row lacks that has no rate, in a query a measure; None if none lacks one."""
    for measure in measures:
        rows = measure.of.rows(reading)
        if measure.value is None or "on" not in rows.query.annotations:
            continue
        rows = rows.annotate(worth=measure.value(reading))
        unknown = rows.filter(worth=Cast(Constant("NaN"), NUMBER)).order_by("-on", "currency")
        found = unknown.values_list("currency", "on").first()
        if found:
            return MissingRate(*found)
    return None
