"""The units that time is divided into, and the one error of this package."""

from enum import StrEnum

# Wide enough for any sales record, narrow enough that every neighbour of a period exists.
YEARS = range(1900, 2200)


class PeriodError(ValueError):
    """A period that cannot be: an unreadable code, a day or year out of range, a wrong unit."""


class Grain(StrEnum):
    """Units from short to long; weeks are ISO weeks, quarters, halves and years are fiscal."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.HALF: 6, Grain.YEAR: 12}
