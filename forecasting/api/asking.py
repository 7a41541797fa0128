"""What requests about the model name: scope, period and instant, read as pages read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.instants import BadInstant, instant_of
from accounts.models import Company, User
from accounts.scope import BadScope, Scope, home_scope, resolve
from periods import Period, PeriodError
from pipeline.api.fields import viewer_of


@dataclass(frozen=True)
class Wanted:
    """Who asks for which scope and period, at which instant."""

    viewer: User
    scope: Scope
    period: Period
    at: datetime


def wanted(request: Request, known: frozenset[str]) -> Wanted:
    """What is asked for; ValidationError names the parameter that is wrong."""
    parameters = request.query_params
    if unknown := sorted(set(parameters) - known):
        raise ValidationError({unknown[0]: f"Unknown. Use: {', '.join(sorted(known))}."})
    viewer, calendar = viewer_of(request), Company.current().calendar
    try:
        at = instant_of(parameters.get("as_of", ""), calendar) or timezone.now()
        period = calendar.parse(parameters.get("period") or "this-quarter", at=at)
        code = parameters.get("scope", "")
        scope = resolve(code, viewer) if code else home_scope(viewer)
    except BadInstant as error:
        raise ValidationError({"as_of": str(error)}) from error
    except PeriodError as error:
        raise ValidationError({"period": str(error)}) from error
    except BadScope as error:
        raise ValidationError({"scope": str(error)}) from error
    return Wanted(viewer, scope, period, min(at, timezone.now()))


def chosen(request: Request, name: str, choices: tuple[str, ...]) -> str:
    """One of the choices, the first by default."""
    value = request.query_params.get(name) or choices[0]
    if value not in choices:
        offered = ", ".join(choices)
        raise ValidationError({name: _("Use one of: %(choices)s.") % {"choices": offered}})
    return value
