"""Every write of scenarios."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import Company, Team, User
from accounts.scope import BadScope, OutsideScope, resolve
from forecasting.models import Scenario
from forecasting.whatif.levers import Levers
from kpis.actions.saved_views import check_team
from periods import PeriodError
from pipeline.actions.changing import locked, save


class Told(TypedDict):
    """What its owner says of a scenario."""

    name: str
    note: str
    team: Team | None


@transaction.atomic
def save_scenario(
    *, by: User, at: datetime, scope: str, period: str, levers: Levers, told: Told
) -> Scenario:
    """Keep levers for the period of a scope, both by their codes.

    ValidationError for a scope or period that is none or not theirs, for levers out of bounds,
    and for a name that its owner uses already.
    """
    check_team(told["team"], by)
    _check_scope(scope, by)
    kept = Scenario(owner=by, scope=scope, period=_code(period, at), **levers.told)
    return _tell(kept, told)


@transaction.atomic
def edit_scenario(
    *, scenario: Scenario, by: User, revision: int, told: Told, levers: Levers | None = None
) -> Scenario:
    """Say something else of one's own scenario, and move its levers where they are given.

    Stale if it changed since `revision`; PermissionDenied for another's.
    """
    current = _own(scenario, by, revision)
    if told["team"] != current.team:
        check_team(told["team"], by)
    for name, percent in (levers.told if levers else {}).items():
        setattr(current, name, percent)
    return _tell(current, told)


@transaction.atomic
def delete_scenario(*, scenario: Scenario, by: User, revision: int, at: datetime) -> Scenario:
    """Take one's own scenario away; `restore_scenario` brings it back. Stale as for edits."""
    current = _own(scenario, by, revision)
    current.deleted_at = at
    return save(current)


@transaction.atomic
def restore_scenario(*, scenario: Scenario, by: User, revision: int) -> Scenario:
    """Bring back one's own scenario. ValidationError where its name was given away meanwhile."""
    current = _own(scenario, by, revision, deleted=True)
    current.deleted_at = None
    return save(current)


@transaction.atomic
def duplicate_scenario(*, scenario: Scenario, by: User) -> Scenario:
    """The same for oneself, under the next free name."""
    names = set(Scenario.objects.filter(owner=by, deleted_at=None).values_list("name", flat=True))
    copy = Scenario(
        owner=by,
        name=_free(scenario.name, names),
        note=scenario.note,
        scope=scenario.scope,
        period=scenario.period,
        **scenario.levers.told,
    )
    return save(copy)


def _own(scenario: Scenario, by: User, revision: int, *, deleted: bool = False) -> Scenario:
    if scenario.owner_id != by.pk:
        raise PermissionDenied(_("Only its owner changes a scenario."))
    current = locked(scenario, revision=revision)
    if (current.deleted_at is not None) is not deleted:
        raise Http404
    return current


def _tell(scenario: Scenario, told: Told) -> Scenario:
    scenario.name, scenario.note = told["name"].strip(), told["note"].strip()
    scenario.team = told["team"]
    return save(scenario)


def _check_scope(scope: str, by: User) -> None:
    try:
        resolve(scope, by)
    except (BadScope, OutsideScope) as error:
        raise ValidationError({"scope": str(error)}) from error


def _code(period: str, at: datetime) -> str:
    """The period's own code: a named one would be another tomorrow."""
    try:
        return Company.current().calendar.parse(period, at=at).code
    except PeriodError as error:
        raise ValidationError({"period": str(error)}) from error


def _free(name: str, taken: set[str]) -> str:
    number = 2
    while (free := f"{name[:110]} ({number})") in taken:
        number += 1
    return free
