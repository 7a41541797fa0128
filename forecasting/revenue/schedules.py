"""How a contract's worth becomes revenue: at one point, or straight-line by month.

Straight-line means that every whole month brings in the same, as people read it, and a month
that begins or ends within counts by the share of its days. What each span brings in is the
difference of two rounded sums, so that spans add up to the whole exactly, however they are cut.
"""

from __future__ import annotations

import itertools
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from babel.numbers import get_currency_precision

PARTS = 4 * 7 * 29 * 3 * 5 * 31
"""Of a month: a multiple of 28, 29, 30 and 31, so that each day of any month is a whole number."""

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_CENTS = 2


def parts(day: date) -> int:
    """How many parts of months lie before a day, since the year 0."""
    days = monthrange(day.year, day.month)[1]
    return PARTS * (12 * day.year + day.month) + (day.day - 1) * (PARTS // days)


def places_of(currency: str) -> int:
    """How many decimals revenue in a currency is rounded to; contracts keep two at most."""
    return min(get_currency_precision(currency), _CENTS)


@dataclass(frozen=True)
class Point:
    """All of an amount, recognised on one day."""

    amount: Decimal
    day: date

    def before(self, day: date) -> Decimal:
        """What is recognised before a day."""
        return self.amount if self.day < day else Decimal(0)


@dataclass(frozen=True)
class Straight:
    """An amount spread over the months from `begin` until the day before `finish`.

    `stop`, where it comes earlier, cuts it off: what would come later never does.
    """

    amount: Decimal
    begin: date
    finish: date
    places: int
    stop: date | None = None

    @property
    def last(self) -> date:
        """The day on which nothing more comes."""
        return min(self.finish, self.stop or self.finish)

    def before(self, day: date) -> Decimal:
        """What is recognised before a day."""
        day = min(day, self.last)
        if day <= self.begin:
            return Decimal(0)
        if day == self.finish:
            return self.amount
        share = parts(day) - parts(self.begin), parts(self.finish) - parts(self.begin)
        return min(self.amount, spread(self.amount, *share, self.places))


@dataclass(frozen=True)
class Running:
    """A price a month from `begin` on, until nobody knows when."""

    price: Decimal
    begin: date
    places: int

    def before(self, day: date) -> Decimal:
        """What is recognised before a day."""
        if day <= self.begin:
            return Decimal(0)
        return spread(self.price, parts(day) - parts(self.begin), PARTS, self.places)


Schedule = Point | Straight | Running


def spread(amount: Decimal, part: int, whole: int, places: int) -> Decimal:
    """So many parts of a whole of an amount, rounded half up."""
    exact = _EXACT.divide(_EXACT.multiply(amount, Decimal(part)), Decimal(whole))
    return exact.quantize(Decimal(1).scaleb(-places), context=_EXACT)


def by_span(schedules: Sequence[Schedule], edges: Sequence[date]) -> list[Decimal]:
    """What they bring in between each edge and the next one, one amount fewer than edges."""
    sums = [sum((each.before(edge) for each in schedules), Decimal(0)) for edge in edges]
    return [later - earlier for earlier, later in itertools.pairwise(sums)]
