"""What a page looks at: scope, period and comparison, as its query string states them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from accounts.instants import BadInstant, earlier_of, instant_of
from accounts.models import Company, User
from accounts.scope import BadScope, Scope, home_scope, resolve
from periods import Period, PeriodError

DEFAULT_PERIOD = "this-quarter"
BAR = ("period", "scope", "compare", "as_of", "known_at", "structure")
"""The parameters that travel from page to page."""


class Compare(StrEnum):
    NOTHING = "none"
    PREVIOUS = "previous"
    YEAR = "year"


@dataclass(frozen=True)
class Selection:
    """Scope, period and comparison of one page, read at the instant `at`.

    `period_code` is the code as it was asked for, so that a named period stays one that moves
    with today. `stated` holds only what the query string itself said. `as_of` is `at` where that
    lies in the past, `known_at` by when things were recorded; `structure` is "present" where the
    past is told by today's teams.
    """

    scope: Scope
    period: Period
    period_code: str
    compare: Compare
    at: datetime
    stated: tuple[tuple[str, str], ...]
    as_of: datetime | None = None
    known_at: datetime | None = None
    structure: str = ""

    def query(self, **changes: str) -> str:
        """The bar's part of a query string, with its "?", after some changes; or ""."""
        parameters = dict(self.stated) | changes
        return f"?{urlencode(parameters)}" if parameters else ""


def selection(request: HttpRequest) -> Selection:
    """The selection of a signed-in person's request, read once.

    BadRequest says what is accepted; OutsideScope (403) where the scope is not theirs.
    """
    known: Selection | None = getattr(request, "_selection", None)
    if known is None:
        if not isinstance(request.user, User):
            raise TypeError("A selection belongs to a signed-in person.")
        known = select(request.GET, request.user, at=timezone.now())
        request._selection = known  # type: ignore[attr-defined]  # a memo of this request only
    return known


def select(parameters: QueryDict, viewer: User, *, at: datetime) -> Selection:
    """The selection that query parameters name, where they name none the viewer's own."""
    period_code = parameters.get("period") or DEFAULT_PERIOD
    calendar = Company.current().calendar
    try:
        asked = [instant_of(parameters.get(name, ""), calendar) for name in ("as_of", "known_at")]
        known_at, past = earlier_of(*asked, at=at)
        at = past or at
        period = calendar.parse(period_code, at=at)
        scope = _scope(parameters.get("scope", ""), viewer)
    except (PeriodError, BadScope, BadInstant) as error:
        raise BadRequest(str(error)) from error
    stated = tuple((name, str(parameters[name])) for name in BAR if parameters.get(name))
    compare = _compare(parameters.get("compare", ""))
    structure = "present" if parameters.get("structure") == "present" else ""
    return Selection(scope, period, period_code, compare, at, stated, past, known_at, structure)


def _scope(code: str, viewer: User) -> Scope:
    return resolve(code, viewer) if code else home_scope(viewer)


def _compare(code: str) -> Compare:
    if code in tuple(Compare):
        return Compare(code)
    if code:
        accepted = ", ".join(Compare)
        raise BadRequest(
            gettext("“%(code)s” is no comparison: use one of %(accepted)s.")
            % {"code": code, "accepted": accepted}
        )
    return Compare.YEAR
