"""Every write that people make: of rules, and that somebody looks after an incident."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.roles import Permission, require
from accounts.scope import Scope, ScopeKind, resolve
from alerts.entitlement import entitled
from alerts.models import ASKED, AlertRule, Incident, Transition, TransitionKind, Watch
from alerts.news import tell
from alerts.reading import Asker
from kpis.questions import Question
from pipeline.actions.changing import apply, locked, save

EDITABLE = frozenset(
    {
        "name",
        "kpi",
        "basis",
        "period",
        "direction",
        "threshold",
        "severity",
        "hold_minutes",
        "is_active",
        "external_id",
    }
)
VOIDING = (*ASKED, "is_active")
"""With another of these what was read and opened is void."""
STORED = EDITABLE.union(VOIDING)


@transaction.atomic
def create_rule(
    *,
    by: User,
    at: datetime,
    scope: str,
    fields: Mapping[str, Any],
    recipients: Collection[int] = (),
) -> AlertRule:
    """A new rule of its author. ValidationError, BadScope, or PermissionDenied for others' figures.

    `scope` is a code; recipients are the primary keys of people who may open the figure.
    """
    require(by, Permission.EDIT_ALERTS)
    rule = AlertRule(owner=by)
    apply(rule, fields, editable=EDITABLE)
    _set_scope(rule, resolve(scope, by))
    _save(rule, by=by, at=at)
    Watch.objects.create(rule=rule)
    _set_recipients(rule, recipients, at=at)
    _tell(rule)
    return rule


@transaction.atomic
def edit_rule(
    *,
    rule: AlertRule,
    by: User,
    at: datetime,
    revision: int,
    changes: Mapping[str, Any],
    scope: str | None = None,
    recipients: Collection[int] | None = None,
) -> AlertRule:
    """Change a rule. Stale if it changed since `revision`; a change to nothing is none.

    Where it now asks for something else, its open incident ends without mail.
    """
    require(by, Permission.EDIT_ALERTS)
    current = locked(rule, revision=revision)
    before = copy(current)
    apply(current, changes, editable=EDITABLE)
    if scope is not None:
        _set_scope(current, resolve(scope, by))
    told = set(current.recipients.values_list("pk", flat=True))
    wanted = told if recipients is None else set(recipients)
    if wanted == told and not _differ(before, current, STORED):
        return current
    _save(current, by=by, at=at)
    if wanted != told:
        _set_recipients(current, wanted, at=at)
    if _differ(before, current, VOIDING):
        _start_over(current, at=at)
    _tell(before, current)
    return current


@transaction.atomic
def delete_rule(*, rule: AlertRule, by: User, revision: int) -> None:
    """Delete a rule with its incidents and mail. Stale if it changed since `revision`."""
    require(by, Permission.EDIT_ALERTS)
    locked(rule, revision=revision).delete()
    _tell(rule)


def acknowledge(*, incident: Incident, by: User, at: datetime) -> Incident:
    """Say that one looks after an incident. The first to say so stays; ValidationError at its end.

    Whoever may edit alert rules may say it; that they see the incident is the caller's matter.
    """
    require(by, Permission.EDIT_ALERTS)
    nobody_yet = Incident.objects.unattended().filter(pk=incident.pk)
    if nobody_yet.update(acknowledged_at=at, acknowledged_by=by):
        transaction.on_commit(lambda: tell(incidents=[incident]))
    incident.refresh_from_db(fields=["acknowledged_at", "acknowledged_by", "resolved_at"])
    if incident.acknowledged_at is None:
        raise ValidationError(_("This incident has ended already."))
    return incident


def _set_scope(rule: AlertRule, scope: Scope) -> None:
    rule.scope_kind = scope.kind.value
    rule.team_id = scope.id if scope.kind is ScopeKind.TEAM else None
    rule.user_id = scope.id if scope.kind is ScopeKind.USER else None


def _save(rule: AlertRule, *, by: User, at: datetime) -> None:
    declared = rule.declared
    if declared and declared.needs:
        require(by, declared.needs)
    save(rule)
    asker = Asker(rule.owner, Company.current().calendar, at)
    if not isinstance(asker.ask(rule), Question):
        message = _("%(owner)s, who owns the rule, may not see this figure.")
        raise ValidationError({"scope": message % {"owner": rule.owner}})


def _set_recipients(rule: AlertRule, wanted: Collection[int], *, at: datetime) -> None:
    """ValidationError naming those who may not open the figure, or are nobody: it tells no more."""
    may = set(entitled(rule, at=at).filter(pk__in=wanted).values_list("pk", flat=True))
    outside = [str(pk) for pk in sorted(set(wanted) - may)]
    if outside:
        message = _("May not see this figure: %(people)s.") % {"people": ", ".join(outside)}
        raise ValidationError({"recipients": message})
    rule.recipients.set(may)


def _differ(one: AlertRule, other: AlertRule, columns: Collection[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in columns)


def _start_over(rule: AlertRule, *, at: datetime) -> None:
    """Void what was read; an evaluation that began before must not write it again."""
    Watch.objects.filter(rule=rule).update(
        value=None, measured="", crossed_since=None, evaluated_at=at
    )
    stopped = [_stop(incident, at=at) for incident in Incident.objects.open().filter(rule=rule)]
    transaction.on_commit(lambda: tell(incidents=stopped))


def _stop(incident: Incident, *, at: datetime) -> Incident:
    incident.resolved_at = max(at, incident.opened_at)
    incident.save(update_fields=["resolved_at"])
    Transition.objects.create(
        incident=incident, kind=TransitionKind.STOPPED, at=incident.resolved_at
    )
    return incident


def _tell(*rules: AlertRule) -> None:
    transaction.on_commit(lambda: tell(rules=rules))
