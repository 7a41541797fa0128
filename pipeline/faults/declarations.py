"""What a data fault is: declared once, for pages, files, the API and the figures it touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet

from accounts.models import Company
from accounts.roles import Permission

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from accounts.models import User


@dataclass(frozen=True)
class Moment:
    """When faults are looked for, on the company's calendar and in its currency."""

    at: datetime
    today: date
    company: Company

    @classmethod
    def of(cls, at: datetime) -> Moment:
        company = Company.current()
        return cls(at, company.calendar.business_day(at), company)


@dataclass(frozen=True)
class Fault:
    """One way in which rows of a fact fall short, and which of its fields mend it.

    `population` narrows the fact's rows to those at fault. `left_out_of` names the KPIs that
    cannot count them. `mends` names fields of pipeline.faults.mends that many rows may be given
    at once; other faults are mended row by row, on the row's own page.
    """

    key: str
    label: StrPromise
    help: StrPromise
    fact: type[Model]
    population: Callable[[QuerySet[Any], Moment], QuerySet[Any]]
    mends: tuple[str, ...] = ()
    left_out_of: tuple[str, ...] = ()
    permission: Permission | None = None

    def rows(self, viewer: User, now: Moment) -> QuerySet[Any]:
        """The rows at fault that a person may see."""
        seen: Any = self.fact._default_manager.all()
        return self.population(seen.visible_to(viewer), now)
