"""What became of those who entered in a month, by their age in months: counted in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DateField,
    DateTimeField,
    Expression,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    When,
)
from django.db.models import Value as Constant
from django.db.models.functions import Cast, TruncMonth

from periods import Grain, Period
from pipeline.models import Contract, Deal, Outcome
from pipeline.populations import Rows
from pipeline.populations.contracts import FIRST_CONTRACTS
from pipeline.populations.deals import FIRST_WINS
from pipeline.populations.leads import LEADS
from pipeline.reading import Reading, row_key

Entered = Counter[date]
Came = Counter[tuple[date, int]]
# A month and an age in months, with how many there were.
Found = tuple[Entered, Came]
_A_DAY = timedelta(days=1)


class Kind(StrEnum):
    CONVERSION = "conversion"
    RETENTION = "retention"


@dataclass(frozen=True)
class Cohort:
    """Those who entered in a month; `counts` are by age, as far as months have begun."""

    period: Period
    size: int
    counts: tuple[int, ...]

    def share(self, age: int) -> Decimal | None:
        """Of all who entered; None for an age not reached or where nobody entered."""
        if not self.size or age >= len(self.counts):
            return None
        return Decimal(self.counts[age]) / self.size


def months_of(period: Period) -> Period:
    """The whole months that hold a period."""
    first, last = (
        Period.containing(day, Grain.MONTH, period.calendar)
        for day in (period.start, period.last_day)
    )
    return Period(first.start, last.end, None, period.calendar)


def cohorts(kind: Kind, reading: Reading, basis: str = "") -> list[Cohort]:
    """By month of the reading's period; `basis` is purchase or contract, for retention."""
    count = _RETENTION[basis or "purchase"] if kind is Kind.RETENTION else _conversions
    whole = replace(reading, period=months_of(reading.period))
    entered, came = count(whole)
    return [
        Cohort(month, entered[month.start], tuple(_counts(came, month, whole, kind)))
        for month in whole.period.split(Grain.MONTH)
        if month.start <= _today(whole)
    ]


def average(found: Iterable[Cohort], age: int) -> Decimal | None:
    """The share at an age over all cohorts that have reached it."""
    reached = [cohort for cohort in found if age < len(cohort.counts)]
    size = sum(cohort.size for cohort in reached)
    return Decimal(sum(cohort.counts[age] for cohort in reached)) / size if size else None


def _counts(came: Came, month: Period, reading: Reading, kind: Kind) -> Iterator[int]:
    """By age until the present month; conversions stay converted."""
    total = 0
    for age in range(_age(month.start, _today(reading)) + 1):
        count = came[month.start, age]
        total += count
        yield total if kind is Kind.CONVERSION else count


def _today(reading: Reading) -> date:
    return reading.calendar.business_day(reading.as_of or reading.at)


def _age(entered: date, day: date) -> int:
    return 12 * (day.year - entered.year) + day.month - entered.month


def _month(field: str, reading: Reading) -> Expression:
    """The first day of the month of an instant, in the company's zone."""
    return Cast(TruncMonth(field, tzinfo=reading.calendar.zone), DateField())


def _conversions(reading: Reading) -> Found:
    """Leads by the month of their creation, and by how many months later they converted."""
    until = reading.followed_until
    converted = Case(When(converted_at__lt=until, then=F("converted_at")), default=None)
    rows = LEADS.rows(reading).order_by().annotate(became=converted)
    groups = rows.values(entry=_month("created_at", reading), month=_month("became", reading))
    entered, came = Entered(), Came()
    for entry, month, count in _grouped(groups, Count(row_key(rows))):
        entered[entry] += count
        if month is not None:
            came[entry, max(_age(entry, month), 0)] += count
    return entered, came


def _purchases(reading: Reading) -> Found:
    """Customers by the month of their first purchase, and the months in which they bought."""
    first = FIRST_WINS.rows(reading).filter(customer=OuterRef("customer"))
    rows = (
        reading.flow(Deal)
        .filter(
            outcome=Outcome.WON,
            closed_at__gte=reading.period.starts_at,
            closed_at__lt=reading.at,
            customer__isnull=False,
        )
        .annotate(began=Subquery(first.values("closed_at")[:1], output_field=DateTimeField()))
        .filter(began__isnull=False)
    )
    groups = rows.values(entry=_month("began", reading), month=_month("closed_at", reading))
    found = _grouped(groups, Count("customer", distinct=True))
    came = Came({(entry, _age(entry, month)): count for entry, month, count in found})
    return Entered({entry: count for (entry, age), count in came.items() if not age}), came


def _contracts(reading: Reading) -> Found:
    """Customers by the month of their first contract, and at whose ends they had one."""
    today = _today(reading)
    first = FIRST_CONTRACTS.rows(reading).filter(customer=OuterRef("customer"))
    rows = (
        reading.flow(Contract)
        .filter(is_trial=False, start__gte=reading.period.start, start__lte=today)
        .annotate(began=Subquery(first.values("start")[:1], output_field=DateField()))
        .filter(began__isnull=False)
    )
    counted, entry = Count("customer", distinct=True), TruncMonth("began")
    nothing = Cast(Constant(None), DateField())
    sizes = _grouped(rows.values(entry=entry, month=nothing), counted)
    running = rows.values(entry=entry, month=_months_running(today))
    came = Came({(began, _age(began, month)): n for began, month, n in _grouped(running, counted)})
    return Entered({began: count for began, _month, count in sizes}), came


class _Months(Func):
    """A row for every month between two."""

    function = "generate_series"
    template = "%(function)s(%(expressions)s, interval '1 month')::date"
    output_field = DateField()
    set_returning = True


def _months_running(day: date) -> Func:
    """The months at whose end (in the present one: on `day`) a contract runs."""
    runs_on = Q(end__isnull=True) | Q(end__gt=day)
    last = Case(
        When(runs_on, then=Constant(day, DateField())),
        default=TruncMonth("end") - _A_DAY,
        output_field=DateTimeField(),
    )
    return _Months(TruncMonth("start"), last)


def _grouped(rows: Rows, count: Aggregate) -> Rows:
    groups: Rows = rows.order_by().annotate(count=count)
    return groups.values_list("entry", "month", "count")


_RETENTION: Mapping[str, Callable[[Reading], Found]] = {
    "purchase": _purchases,
    "contract": _contracts,
}
