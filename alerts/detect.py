"""Detect: reads the rules' figures, moves their state, and records each transition once.

Any number of evaluators may run at once, and any may die anywhere: a transition and the mail it
calls for are recorded together, by whoever holds the rule's row and comes with the newest value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from alerts.entitlement import entitled
from alerts.judging import Step, farther, judge
from alerts.models import (
    CONDITION,
    AlertRule,
    Delivery,
    Incident,
    Transition,
    TransitionKind,
    Watch,
    with_open_incidents,
)
from alerts.news import tell
from alerts.reading import Figure, read_rules
from kpis.registry import all_kpis


@dataclass
class Report:
    """What an evaluation did."""

    evaluated: int = 0
    unknown: int = 0
    transitions: list[Transition] = field(default_factory=list)


def evaluate(*, at: datetime, facts: Collection[str] | None = None) -> Report:
    """Evaluate the active rules at an instant. Doing it again at once changes nothing.

    Where `facts` are named, only the rules on figures that changes of these facts may move.
    """
    report = Report()
    quiet: list[Watch] = []
    moved: list[AlertRule] = []
    for rule, figure in read_rules(_active_rules(facts), at=at):
        report.evaluated += 1
        report.unknown += figure.value is None
        if (rule.watch.value, rule.watch.measured) != (figure.value, figure.measured):
            moved.append(rule)
        verdict = judge(
            rule,
            figure,
            at=at,
            crossed_since=rule.watch.crossed_since,
            incident=_open_incident(rule),
        )
        if verdict.step is Step.STAY:
            quiet.append(_noted(rule.watch, figure, verdict.crossed_since, at))
        elif transition := _record(rule, figure, at=at):
            report.transitions.append(transition)
    _note(quiet, at=at)
    tell(incidents=[step.incident for step in report.transitions], rules=moved)
    return report


def _active_rules(facts: Collection[str] | None) -> Iterable[AlertRule]:
    rules = AlertRule.objects.active().select_related("owner", "team", "watch")
    if facts is not None:
        moved = [kpi.key for kpi in all_kpis().values() if not kpi.facts.isdisjoint(facts)]
        rules = rules.filter(kpi__in=moved)
    return with_open_incidents(rules)


def _open_incident(rule: AlertRule) -> Incident | None:
    found: list[Incident] = rule.open_incidents  # type: ignore[attr-defined] # the prefetch's
    return found[0] if found else None


def _noted(watch: Watch, figure: Figure, since: datetime | None, at: datetime) -> Watch:
    watch.value, watch.measured = figure.value, figure.measured
    watch.crossed_since, watch.evaluated_at = since, at
    return watch


def _note(watches: list[Watch], *, at: datetime) -> None:
    """Write the readings that changed no state, but never over a newer one."""
    columns = ["value", "measured", "crossed_since", "evaluated_at"]
    older = Watch.objects.filter(Q(evaluated_at__isnull=True) | Q(evaluated_at__lt=at))
    older.bulk_update(watches, columns, batch_size=500)


@transaction.atomic
def _record(rule: AlertRule, figure: Figure, *, at: datetime) -> Transition | None:
    """Judge again with the rule's row held, and take the step.

    None where the rule was changed meanwhile, a newer value was recorded, or another evaluator
    has taken the step.
    """
    held = AlertRule.objects.active().select_for_update()
    if held.filter(pk=rule.pk, revision=rule.revision).first() is None:
        return None
    watch = Watch.objects.get(rule=rule)
    if watch.evaluated_at is not None and watch.evaluated_at >= at:
        return None
    incident = Incident.objects.open().filter(rule=rule).first()
    verdict = judge(rule, figure, at=at, crossed_since=watch.crossed_since, incident=incident)
    _noted(watch, figure, verdict.crossed_since, at).save()
    match verdict.step:
        case Step.FIRE if figure.value is not None:
            return _fire(rule, figure, figure.value, at)
        case Step.RESOLVE if incident is not None:
            return _resolve(incident, figure, at)
        case Step.WORSEN if incident is not None:
            _worsen(incident, figure)
    return None


def _fire(rule: AlertRule, figure: Figure, value: Decimal, at: datetime) -> Transition:
    condition = {name: getattr(rule, name) for name in CONDITION}
    incident = Incident.objects.create(
        rule=rule, opened_at=at, opened_value=value, peak=value, **condition
    )
    people = entitled(rule, at=at).filter(pk__in=rule.recipients.values("pk"))
    return _step(incident, TransitionKind.FIRED, figure, at, people.values_list("pk", flat=True))


def _resolve(incident: Incident, figure: Figure, at: datetime) -> Transition:
    """To those who were told of its opening."""
    incident.resolved_at, incident.resolved_value = at, figure.value
    incident.save(update_fields=["resolved_at", "resolved_value"])
    told = Delivery.objects.filter(transition__incident=incident)
    return _step(
        incident, TransitionKind.RESOLVED, figure, at, told.values_list("recipient", flat=True)
    )


def _worsen(incident: Incident, figure: Figure) -> None:
    if figure.value is not None:
        incident.peak = farther(incident.direction, figure.value, incident.peak)
        incident.save(update_fields=["peak"])


def _step(
    incident: Incident, kind: TransitionKind, figure: Figure, at: datetime, people: Iterable[int]
) -> Transition:
    """Record a step together with the mail it calls for."""
    transition = Transition.objects.create(
        incident=incident, kind=kind, value=figure.value, period=figure.period, at=at
    )
    Delivery.objects.bulk_create(
        Delivery(transition=transition, recipient_id=person, next_attempt_at=at)
        for person in set(people)
    )
    return transition
