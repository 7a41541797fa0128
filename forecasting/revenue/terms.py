"""The terms of a contract: those that were agreed, and those that come if it is renewed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count, takewhile

from forecasting.revenue.schedules import (
    PARTS,
    Point,
    Running,
    Schedule,
    Straight,
    by_span,
    parts,
    places_of,
    spread,
)
from periods import Period
from pipeline.models import Contract

_KEPT_PLACES = 2


@dataclass(frozen=True)
class Term:
    """A stretch of a contract; `rounds` is how many renewals it takes, none for what is agreed."""

    number: int
    begin: date
    schedule: Schedule
    rounds: int


def months_of(
    contract: Contract, periods: Sequence[Period], today: date, *, replaced: bool
) -> list[tuple[Period, Decimal, Decimal]]:
    """What a contract brings in in each of the periods, in its own currency: what is agreed, and
    what would come if it were renewed every time."""
    terms = terms_of(contract, today=today, until=periods[-1].end, replaced=replaced)
    edges = [periods[0].start, *(period.end for period in periods)]
    agreed = by_span([term.schedule for term in terms if term.rounds == 0], edges)
    due = by_span([term.schedule for term in terms if term.rounds > 0], edges)
    return list(zip(periods, agreed, due, strict=True))


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def terms_of(contract: Contract, *, today: date, until: date, replaced: bool) -> list[Term]:
    """The terms that begin before a day; none of a trial.

    `replaced` says that another contract renews it, so that nothing more is to come of it.
    """
    if contract.is_trial:
        return []
    if rolls(contract):
        return _rolling(contract, today, until)
    first = _term(contract, 0, contract.start, _finish(contract), 0)
    if replaced or not _may_be_renewed(contract, today):
        return [first]
    return [first, *_renewals(contract, until)]


def rolls(contract: Contract) -> bool:
    """Whether one term follows another by itself."""
    recurs = contract.billing == Contract.Billing.RECURRING and bool(contract.term_months)
    return recurs and (contract.auto_renew or contract.end is None)


def _rolling(contract: Contract, today: date, until: date) -> list[Term]:
    months, end = contract.term_months or 0, contract.end or date.max
    begins = (later(contract.start, months * number) for number in count())
    found, rounds = list[Term](), 0
    for number, begin in enumerate(takewhile(lambda day: day < min(until, end), begins)):
        if number and contract.auto_renew and contract.end is None and begin > today:
            rounds += 1
        finish = later(contract.start, months * (number + 1))
        found.append(_term(contract, number, begin, finish, rounds))
    return found


def _may_be_renewed(contract: Contract, today: date) -> bool:
    recurs = contract.billing == Contract.Billing.RECURRING and not contract.auto_renew
    return recurs and contract.end is not None and contract.end > max(today, contract.start)


def _renewals(contract: Contract, until: date) -> Iterator[Term]:
    """As long as the agreed term, one after the other, from its end on."""
    end = contract.end or date.max
    length, months = end - contract.start, contract.term_months or _whole_months(contract)
    for number in count(1):
        begin = later(end, months * (number - 1)) if months else end + length * (number - 1)
        if begin >= until:
            return
        finish = later(end, months * number) if months else begin + length
        yield _term(contract, number, begin, finish, number)


def _whole_months(contract: Contract) -> int:
    """How many months a contract lasts that does not say so; 0 where these are not whole."""
    start, end = contract.start, contract.end or contract.start
    months = 12 * (end.year - start.year) + end.month - start.month
    return months if months > 0 and later(start, months) == end else 0


def _finish(contract: Contract) -> date | None:
    """When the one term ends; None where nobody knows."""
    if contract.end is None and contract.term_months:
        return later(contract.start, contract.term_months)
    return contract.end


def _term(contract: Contract, number: int, begin: date, finish: date | None, rounds: int) -> Term:
    schedule = _schedule(contract, number, begin, finish)
    return Term(number, begin, schedule, rounds)


def _schedule(contract: Contract, number: int, begin: date, finish: date | None) -> Schedule:
    places = places_of(contract.currency)
    amount = _worth(contract, begin, finish)
    if amount is None:
        return Running(contract.monthly_price or Decimal(0), begin, places)
    if contract.schedule != Contract.Schedule.MONTHLY:
        return Point(amount, _counted_on(contract) if number == 0 else begin)
    if finish is None or finish <= begin:
        return Point(amount, begin)
    return Straight(amount, begin, finish, places, contract.end if rolls(contract) else None)


def _counted_on(contract: Contract) -> date:
    if contract.schedule == Contract.Schedule.SIGNING:
        return contract.signed_on or contract.start
    ends = None if rolls(contract) else contract.end
    return contract.delivered_on or ends or contract.start


def _worth(contract: Contract, begin: date, finish: date | None) -> Decimal | None:
    """What a term brings in; None where a price is paid until nobody knows when."""
    price = contract.monthly_price or Decimal(0)
    if contract.value is not None:
        return contract.value
    if rolls(contract):
        return price * (contract.term_months or 0)
    if finish is None:
        return None
    return spread(price, parts(finish) - parts(begin), PARTS, _KEPT_PLACES)
