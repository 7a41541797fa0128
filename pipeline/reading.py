"""How and when facts are read: whose, in which period, from the tables or from their past."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, reduce
from operator import and_
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    DecimalField,
    Expression,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    When,
)
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.db.models.lookups import IsNull

from accounts.scope import Scope
from history import Version, infinity, keeps, version_model
from periods import Calendar, Period
from pipeline.models import Deal, Rate
from pipeline.models.journeys import OfVersion
from pipeline.models.retold import as_known

RATE_LASTS = timedelta(days=7)
NUMBER: DecimalField[Any, Any] = DecimalField(max_digits=38, decimal_places=12)
# Rows read from versions carry the instant that they are read at under this name,
SEEN_AT = "seen_at"
# and deals that are read by line their lines under this one.
SOLD = "sold"
# What is told of a state of a deal has the columns of that version beside it.
_VERSION = "version__"


@dataclass(frozen=True)
class Reading:
    """One way to read facts. Frozen, so that equal readings share one query.

    Of the scope's rows only those `within` another scope count, where one is given.
    `at` is the present of the question (the clock, or `as_of`); `as_of` reads versions instead
    of the tables, `known_at`, which needs it, those recorded by then; `closing` keeps to open
    deals expected to close in it; `cutoff` is the instant until which a cohort is followed;
    `by_line` reads the amounts of deals from their product lines; `standing` is when stocks are
    read, if not at the period's end; `present_tree` credits the past by today's teams.

    A day that is over reaches until the next one (`at`), and what is so from that very midnight
    on is not of it (`as_of`, `standing` are its last instant).
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
    standing: datetime | None = None
    present_tree: bool = False
    within: Scope | None = None

    def __hash__(self) -> int:
        # Every value of every row is looked up by it.
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, field.name) for field in fields(self)))

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
        return replace(self, at=self.period.starts_at, standing=self.period.eve)

    @property
    def stock_as_of(self) -> datetime | None:
        """The instant whose versions stocks are read from; None where the tables have it."""
        moment = self.standing
        if moment is None and self.instant < self.at:
            moment = self.period.last_instant
        known = [each for each in (moment, self.as_of) if each is not None]
        return min(known, default=None)

    @property
    def stands_at(self) -> datetime:
        """The instant at which stocks are looked at."""
        return self.stock_as_of or self.instant

    def flow(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Every row as it is now, or as it was at `as_of`."""
        return self._rows(model, self.as_of)

    def stock(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Every row as it stood at the stock's instant."""
        return self._rows(model, self.stock_as_of)

    def journeys(self, model: type[OfVersion]) -> models.QuerySet[Any]:
        """What is told of the states that deals went through, or was at `known_at`."""
        if self.known_at is None:
            return self._seen(model._base_manager.all(), self.as_of)
        return self._seen(as_known(model, self.known_at, until=self.as_of or self.at), self.as_of)

    def _rows(self, model: type[models.Model], moment: datetime | None) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = model._base_manager.all()
        if moment is not None:
            versions = version_model(model).objects.at(moment, known_at=self.known_at)
            return self._seen(versions, moment)
        if self.by_line and model is Deal:
            rows = rows.annotate(**{SOLD: FilteredRelation("lines")})
        return rows

    def _seen(
        self, versions: models.QuerySet[Any], moment: datetime | None
    ) -> models.QuerySet[Any]:
        """Versions whose surroundings are seen as of `moment` (None: as they are now)."""
        if moment is not None:
            versions = versions.alias(**{SEEN_AT: Constant(moment, DateTimeField())})
        if self.by_line and versions.model is version_model(Deal):
            versions = versions.annotate(**{SOLD: self._lines(moment, "lines")})
        if self.by_line and issubclass(versions.model, OfVersion):
            versions = versions.annotate(**{SOLD: self._lines(moment, f"{_VERSION}lines")})
        return versions

    def _lines(self, moment: datetime | None, lines: str) -> FilteredRelation:
        def spans(name: str, at: datetime | None) -> Q:
            if at is None:
                return Q(**{f"{lines}__{name}_to": infinity()})
            return Q(**{f"{lines}__{name}_from__lte": at, f"{lines}__{name}_to__gt": at})

        held = spans("valid", moment) & spans("recorded", self.known_at)
        return FilteredRelation(lines, condition=held & Q(**{f"{lines}__deleted": False}))

    def credited(
        self,
        *,
        instant: str = "",
        day: str = "",
        at: datetime | None = None,
        owner: str = "owner",
        team: str = "team",
    ) -> Q:
        """The filter for the scope's rows, by the teams' tree of each row's date.

        The date is in the column `instant` or `day`; without one the tree is that of `at`, by
        default of the stock's instant. "" for `owner` or `team` where the fact has none.
        """
        columns = {"owner": owner, "team": team}
        scopes = [self.scope] if self.within is None else [self.scope, self.within]
        each = (self._credited(scope, instant, day, at, columns) for scope in scopes)
        return reduce(and_, each)

    def _credited(
        self, scope: Scope, instant: str, day: str, at: datetime | None, columns: dict[str, str]
    ) -> Q:
        if self.present_tree:
            return scope.covers(**columns)
        if self.as_of is not None:
            scope = scope.as_of(self.as_of)
        if instant:
            return scope.covers_by_date(instant, lambda edge: edge, **columns)
        if day:
            return scope.covers_by_date(day, self.calendar.business_day, **columns)
        return scope.as_of(at or self.stands_at).covers(**columns)

    def column(self, rows: models.QuerySet[Any], path: str) -> Expression | F | Subquery:
        """A column of rows, or of what they refer to: as it stood when the rows are of the past."""
        if self.by_line and path.startswith("lines__"):
            return F(path.replace("lines", SOLD, 1))
        model, prefix = rows.model, ""
        if issubclass(model, OfVersion) and not _has(rows, path):
            model, prefix = version_model(Deal), _VERSION
        if SEEN_AT not in rows.query.annotations:
            return F(prefix + path)
        return self._beside(model, path, prefix)

    def stock_column(self, model: type[models.Model], path: str) -> Expression | F | Subquery:
        """The same for measures over `stock(model)`."""
        return F(path) if self.stock_as_of is None else self._beside(version_model(model), path)

    def flow_column(self, model: type[models.Model], path: str) -> Expression | F | Subquery:
        """The same for measures over `flow(model)`."""
        return F(path) if self.as_of is None else self._beside(version_model(model), path)

    def _beside(
        self, version: type[models.Model], path: str, prefix: str = ""
    ) -> Expression | F | Subquery:
        reference, _, rest = path.partition("__")
        target = version._meta.get_field(reference).related_model if rest else None
        if not isinstance(target, type) or not keeps(target, rest.partition("__")[0]):
            return F(prefix + path)
        past = version_model(target)
        states = past.objects.recorded(self.known_at).filter(row=OuterRef(prefix + reference))
        nearest = states.alias(**{SEEN_AT: OuterRef(SEEN_AT)}).nearest(F(SEEN_AT))
        return Subquery(nearest.values(sought=self._beside(past, rest))[:1])

    def stock_states(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Every row that others refer to, as it stood at the stock's instant."""
        moment = self.stock_as_of
        if moment is None:
            return model._base_manager.all()
        versions = version_model(model).objects
        nearest = versions.recorded(self.known_at).nearest(moment)
        firsts = nearest.order_by("row_id", *nearest.query.order_by).distinct("row_id")
        found: models.QuerySet[Any] = versions.filter(pk__in=firsts.values("pk"))
        return found

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
        in_force = Subquery(self._rate_in_force(currency, on), output_field=NUMBER)
        rate = Coalesce(in_force, Cast(Constant("NaN"), NUMBER), output_field=NUMBER)
        return Case(
            When(IsNull(worth, True), then=Constant(None, NUMBER)),
            When(Q(**{currency: self.currency}), then=Cast(worth, NUMBER)),
            default=Cast(worth, NUMBER) * rate,
            output_field=NUMBER,
        )

    def _rate_in_force(self, currency: str, on: str) -> models.QuerySet[Any]:
        """The rate of the surrounding row on its day: the latest, at most seven days old."""
        oldest = models.ExpressionWrapper(
            OuterRef(on) - Constant(RATE_LASTS), output_field=models.DateTimeField()
        )
        rates = self.flow(Rate).filter(currency=OuterRef(currency), day__lte=OuterRef(on))
        recent = rates.filter(day__gte=Cast(oldest, DateField()))
        return recent.order_by("-day").values("price")[:1]


def known(total: Decimal | None) -> Decimal | None:
    """A sum of `money`: None where some amount has no rate (NaN), zero without any amount."""
    if total is None:
        return Decimal(0)
    return None if total.is_nan() else total


def row_key(queryset: models.QuerySet[Any]) -> str:
    """The column that names the fact itself, in its table or among its versions."""
    return "row_id" if issubclass(queryset.model, Version | OfVersion) else "pk"


def _has(rows: models.QuerySet[Any], path: str) -> bool:
    """Whether rows themselves have the column with which a path begins."""
    name = path.partition("__")[0]
    own = {field.name for field in rows.model._meta.concrete_fields}
    return name in own or name in rows.query.annotations


def _of_line(amount: str) -> Expression:
    """What a line brings in; a deal without any is not parted."""
    return Case(When(**{f"{SOLD}__isnull": True}, then=F(amount)), default=F(f"{SOLD}__amount"))
