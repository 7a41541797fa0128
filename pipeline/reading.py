"""How and when facts are read: whose, in which period, from the tables or from their past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    DateField,
    DecimalField,
    Expression,
    F,
    OuterRef,
    Q,
    Subquery,
    When,
)
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.db.models.lookups import IsNull

from accounts.scope import Scope
from history import Version, version_model
from periods import Calendar, Period
from pipeline.models import Rate

RATE_LASTS = timedelta(days=7)
NUMBER: DecimalField[Any, Any] = DecimalField(max_digits=38, decimal_places=12)


@dataclass(frozen=True)
class Reading:
    """One way to read facts. Frozen, so that equal readings share one query.

    `at` is the present of the question (the clock, or `as_of`); `as_of` and `known_at` read
    versions instead of the tables; `closing` keeps to open deals expected to close in it;
    `cutoff` is the instant until which a cohort is followed; `by_line` reads the amounts of
    deals from their product lines.
    """

    scope: Scope
    period: Period
    at: datetime
    currency: str
    filters: tuple[tuple[str, str], ...] = ()
    closing: Period | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None
    cutoff: datetime | None = None
    by_line: bool = False

    @property
    def calendar(self) -> Calendar:
        return self.period.calendar

    @property
    def instant(self) -> datetime:
        """When a stock is read: at the period's end, or now while it runs or is yet to come."""
        return min(self.period.ends_at, self.at)

    @property
    def day(self) -> date:
        """The business day that `instant` belongs to; the last one of a period that is over."""
        return self.calendar.business_day(self.instant - timedelta(microseconds=1))

    @property
    def followed_until(self) -> datetime:
        """Until when a cohort is followed."""
        return min(self.at, self.cutoff or self.at)

    def read_at_start(self) -> Reading:
        """The same for stocks that are read at the start of a period that is over."""
        if not self.period.is_over(self.at):
            return self
        return replace(self, at=self.period.starts_at, as_of=self.period.starts_at)

    def flow(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Every row as it is now, or as it was at `as_of`."""
        return self._rows(model, self.as_of)

    def stock(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Every row as it stood at the stock's instant."""
        if self.as_of is None and self.instant >= self.at:
            return self._rows(model, None)
        return self._rows(model, min(self.instant, self.as_of or self.instant))

    def past(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Every version that had begun by the present of the question, as it is or was known."""
        versions: models.QuerySet[Any] = version_model(model).objects.recorded(self.known_at)
        return versions.filter(valid_from__lte=self.at, deleted=False)

    def _rows(self, model: type[models.Model], moment: datetime | None) -> models.QuerySet[Any]:
        if moment is None and self.known_at is None:
            return model._base_manager.all()
        versions: models.QuerySet[Any] = version_model(model).objects.at(
            moment or self.at, known_at=self.known_at
        )
        return versions

    def business_day(self, field: str) -> Expression:
        """The business day of an instant column, in SQL."""
        return TruncDate(field, tzinfo=self.calendar.zone)

    def money(
        self, amount: str = "amount", currency: str = "currency", on: str = "on"
    ) -> Expression:
        """An amount in the company's currency, at the rate in force on the rows' day `on`.

        NaN where there is no rate at most seven days old, so that a sum over it is NaN and
        never silently too small; NULL where there is no amount.
        """
        worth = _of_line(amount) if self.by_line and amount == "amount" else F(amount)
        in_force = Subquery(_rate_in_force(currency, on), output_field=NUMBER)
        rate = Coalesce(in_force, Cast(Constant("NaN"), NUMBER), output_field=NUMBER)
        return Case(
            When(IsNull(worth, True), then=Constant(None, NUMBER)),
            When(Q(**{currency: self.currency}), then=Cast(worth, NUMBER)),
            default=Cast(worth, NUMBER) * rate,
            output_field=NUMBER,
        )


def known(total: Decimal | None) -> Decimal | None:
    """A sum of `money`: None where some amount has no rate (NaN), zero without any amount."""
    if total is None:
        return Decimal(0)
    return None if total.is_nan() else total


def row_key(queryset: models.QuerySet[Any]) -> str:
    """The column that names the fact itself, in its table or among its versions."""
    return "row_id" if issubclass(queryset.model, Version) else "pk"


def _of_line(amount: str) -> Expression:
    """What a line brings in; a deal without any is not parted."""
    return Case(When(lines__isnull=True, then=F(amount)), default=F("lines__amount"))


def _rate_in_force(currency: str, on: str) -> models.QuerySet[Rate, Any]:
    """The rate of the surrounding row on its day `on`: the latest, at most seven days old."""
    oldest = models.ExpressionWrapper(
        OuterRef(on) - Constant(RATE_LASTS), output_field=models.DateTimeField()
    )
    return (
        Rate.objects.filter(currency=OuterRef(currency), day__lte=OuterRef(on))
        .filter(day__gte=Cast(oldest, DateField()))
        .order_by("-day")
        .values("price")[:1]
    )
