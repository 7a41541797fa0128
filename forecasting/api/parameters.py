"""What the query string of a forecast names, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.instants import BadInstant, instant_of
from accounts.models import Company
from accounts.scope import home_scope
from forecasting.asking import Asked
from kpis.parameters import DEFAULT_PERIOD
from periods import Period, PeriodError
from pipeline.api.fields import viewer_of
from pipeline.api.filters import scope_asked

KNOWN = frozenset({"scope", "period", "as_of", "known_at", "structure", "format"})


def text(name: str, description: str, choices: tuple[str, ...] = ()) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description, enum=choices or None)


PARAMETERS = [
    text("period", "Such as 2026-Q4 or this-quarter"),
    text("scope", "company, team:SLUG or user:ID; your own by default"),
    text("as_of", "An instant, or a date for its business day's end: as it was then"),
    text("known_at", "An instant: as it was known then"),
    text("structure", "By today's teams", ("present",)),
]


def asked_from(request: Request, *others: str) -> Asked:
    """The forecast that is asked for. ValidationError names the parameter that is wrong."""
    parameters, viewer, now = request.query_params, viewer_of(request), timezone.now()
    known = KNOWN | set(others)
    if unknown := sorted(set(parameters) - known):
        raise ValidationError({unknown[0]: f"Unknown. Use: {', '.join(sorted(known))}."})
    if parameters.get("structure", "present") not in ("", "present"):
        raise ValidationError({"structure": _("Use one of: %(choices)s.") % {"choices": "present"}})
    as_of, code = instant_from(request, "as_of"), parameters.get("scope", "")
    at = min(as_of, now) if as_of else now
    return Asked(
        viewer=viewer,
        scope=scope_asked(code, viewer) if code else home_scope(viewer),
        period=period_from(parameters.get("period") or DEFAULT_PERIOD, at=at),
        at=at,
        as_of=as_of if as_of and as_of < now else None,
        known_at=instant_from(request, "known_at"),
        structure=parameters.get("structure", ""),
    )


def period_from(code: str, *, at: datetime) -> Period:
    try:
        return Company.current().calendar.parse(code, at=at)
    except PeriodError as error:
        raise ValidationError({"period": str(error)}) from error


def instant_from(request: Request, name: str) -> datetime | None:
    try:
        return instant_of(request.query_params.get(name, ""), Company.current().calendar)
    except BadInstant as error:
        raise ValidationError({name: str(error)}) from error
