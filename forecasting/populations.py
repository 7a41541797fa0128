"""The deals that a forecast rests on."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import CharField, Expression, F, TextField
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce, NullIf

from pipeline.models import Category, Deal, Rate, Stage
from pipeline.populations import Population, Rows
from pipeline.populations.deals import DEAL_DIMENSIONS, OPEN_ALL, WON
from pipeline.reading import Reading

# An open deal that says of itself that it is closed is no more than promised.
PROMISED = (Category.COMMIT, Category.CLOSED)
LIKELY = (Category.BEST_CASE, *PROMISED)


def category_of(reading: Reading) -> Expression:
    """How an open deal counts: by its own category, else by its stage's, where that is known."""
    own = NullIf(F("category"), Constant("", CharField()))
    stages, unknown = (
        reading.stock_column(Deal, "stage__category"),
        Constant(Category.PIPELINE.value),
    )
    said = Coalesce(own, stages, unknown, output_field=CharField())
    return Cast(said, TextField())


def _expected(reading: Reading) -> Rows:
    """Open deals that are expected to close in the period."""
    rows = OPEN_ALL.select(replace(reading, closing=reading.period))
    found: Rows = rows.annotate(counts_as=category_of(reading))
    return found


def _closed(reading: Reading) -> Rows:
    """Deals won in the period; by the instant alone where one in its midst is looked at."""
    rows = WON.select(reading)
    return rows if reading.standing is None else rows.filter(closed_at__lte=reading.standing)


EXPECTED = Population(
    "forecast_expected", Deal, _expected, dimensions=DEAL_DIMENSIONS, reads=(Stage, Rate)
)

CLOSED = Population("forecast_closed", Deal, _closed, dimensions=DEAL_DIMENSIONS, reads=(Rate,))

COMMITTED = Population(
    "forecast_committed",
    Deal,
    lambda reading: _expected(reading).filter(counts_as__in=PROMISED),
    dimensions=DEAL_DIMENSIONS,
    reads=(Stage, Rate),
)

LIKELY_TOO = Population(
    "forecast_likely",
    Deal,
    lambda reading: _expected(reading).filter(counts_as__in=LIKELY),
    dimensions=DEAL_DIMENSIONS,
    reads=(Stage, Rate),
)
