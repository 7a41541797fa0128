"""The revenue forecast as a table: a row a period or part, a column a line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from forecasting.revenue.asked_by import BY_TIME, Look
from forecasting.revenue.lines import ASIDE, LABELS, Expectations, Lines, by_part, by_period
from periods import Period
from periods.labels import label, short_label
from pipeline.models import Customer, SizeBand

COLUMNS = ("total", *LABELS, *ASIDE)
"""Every figure of a row, in this order."""


@dataclass(frozen=True)
class TableRow:
    """A period, or a part of a dimension, with its lines; `key` names it in addresses."""

    key: str
    label: str
    lines: Lines
    period: Period | None = None
    short: str = ""

    def figure(self, column: str) -> Decimal | None:
        """One of COLUMNS; None where nobody knows it."""
        value: Decimal | None = getattr(self.lines, column)
        return None if value is None or value.is_nan() else value


def table(look: Look, expectations: Expectations, language: str) -> list[TableRow]:
    """Every row: periods in their order, parts by what they bring in."""
    if look.by in BY_TIME:
        asked = look.over_time
        return [
            TableRow(
                period.code, label(period, language), lines, period, short_label(period, language)
            )
            for period, lines in zip(asked.periods, by_period(asked, expectations), strict=True)
        ]
    parts = by_part(look.of_period, expectations, look.by)
    names = names_of(look.by, list(parts))
    return [TableRow(key, names[key], lines) for key, lines in parts.items()]


def names_of(dimension: str, keys: list[str]) -> dict[str, str]:
    """What people call the parts of a dimension."""
    unknown = _("Not known")
    if dimension == "customer":
        found = Customer.objects.filter(pk__in=[key for key in keys if key])
        names = {str(pk): name for pk, name in found.values_list("pk", "name")}
        return {key: names.get(key, unknown) for key in keys}
    if dimension == "size":
        bands = {value: str(text) for value, text in SizeBand.choices}
        return {key: bands.get(key, unknown) for key in keys}
    return {key: key or unknown for key in keys}


def whole(rows: list[TableRow]) -> Lines:
    """All rows together."""
    return sum((row.lines for row in rows), Lines())
