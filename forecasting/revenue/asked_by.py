"""What an address names of the revenue forecast, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.scope import Scope
from forecasting.revenue.asking import DIMENSIONS, Asked, around, whole_months
from periods import Grain, Period

BY_TIME = {"month": Grain.MONTH, "quarter": Grain.QUARTER}
BYS = (*BY_TIME, *DIMENSIONS)
_LONGEST_TEXT = 200


class BadRevenue(ValueError):
    """The address asks for what there is not; `name` is the parameter, the message says why."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Look:
    """One person's look at the revenue of a scope at `at`, or as of then."""

    viewer: User
    scope: Scope
    period: Period
    at: datetime
    by: str = "month"
    filters: tuple[tuple[str, str], ...] = ()
    as_of: datetime | None = None
    known_at: datetime | None = None

    def over(self, periods: tuple[Period, ...]) -> Asked:
        """The question for these periods."""
        return Asked(
            self.viewer,
            self.scope,
            periods,
            self.at,
            Company.current().currency,
            filters=self.filters,
            as_of=self.as_of,
            known_at=self.known_at,
        )

    @property
    def of_period(self) -> Asked:
        """The question for its period alone, in whole months."""
        return self.over((whole_months(self.period),))

    @property
    def over_time(self) -> Asked:
        """The question for the year before and the months to come, by month or quarter."""
        grain = BY_TIME.get(self.by, Grain.MONTH)
        today = self.of_period.today
        return self.over(around(today, grain, self.period.calendar))


def by_of(parameters: Mapping[str, str]) -> str:
    """How it is to be split; by month where nothing is said."""
    by = parameters.get("by") or "month"
    if by not in BYS:
        raise BadRevenue("by", _one_of(BYS))
    return by


def filters_of(parameters: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The parts of dimensions that are asked for; an empty one is what is not known."""
    found = tuple((name, str(parameters[name])) for name in DIMENSIONS if name in parameters)
    for name, value in found:
        if len(value) > _LONGEST_TEXT or "\x00" in value:
            raise BadRevenue(name, _("Use a shorter text."))
        if name == "customer" and not (value.isascii() and value.isdigit() and len(value) < 19):
            raise BadRevenue(name, _("Use a customer's id."))
    return found


def _one_of(choices: tuple[str, ...]) -> str:
    return _("Use one of: %(choices)s.") % {"choices": ", ".join(choices)}
