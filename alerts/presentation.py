"""Rules and incidents as pages show them: rows of written figures, states in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from alerts.models import (
    AlertRule,
    Delivery,
    Incident,
    Severity,
    Transition,
    TransitionKind,
)
from alerts.reading import Figure
from alerts.wording import Words, lasting, why_unknown


class State(IntEnum):
    """A rule's state, in the order of the list."""

    FIRING = 1
    HOLDING = 2
    UNKNOWN = 3
    WAITING = 4
    FINE = 5
    PAUSED = 6

    @property
    def label(self) -> str:
        return {
            State.FIRING: _("Alerting"),
            State.HOLDING: _("Being watched"),
            State.UNKNOWN: _("Unknown"),
            State.WAITING: _("Not evaluated yet"),
            State.FINE: _("Within threshold"),
            State.PAUSED: _("Paused"),
        }[self]

    @property
    def kind(self) -> str:
        """The tag's colour."""
        return {State.FIRING: "bad", State.HOLDING: "warn", State.FINE: "good"}.get(self, "")


SHOWN_RECIPIENTS = 4
SEVERITY_KINDS = {Severity.CRITICAL: "bad", Severity.WARNING: "warn", Severity.INFO: "accent"}


@dataclass(frozen=True)
class RuleRow:
    rule: AlertRule
    state: State
    title: str
    figure: str
    scope: str
    period: str
    wanted: str
    value: str
    distance: str
    why: str

    @property
    def url(self) -> str:
        return reverse("alerts:rule", args=[self.rule.pk])

    @property
    def more_recipients(self) -> int:
        """How many there are beyond those that a row shows."""
        return max(len(self.rule.recipients.all()) - SHOWN_RECIPIENTS, 0)

    @property
    def holding_since(self) -> datetime | None:
        """Since when a rule that is being watched has been crossed."""
        return self.rule.watch.crossed_since if self.state is State.HOLDING else None


@dataclass(frozen=True)
class IncidentRow:
    incident: Incident
    title: str
    scope: str
    period: str
    wanted: str
    severity_kind: str
    opened: str
    peak: str
    resolved: str
    lasted: str

    @property
    def url(self) -> str:
        return reverse("alerts:incident", args=[self.incident.pk])


@dataclass(frozen=True)
class Happening:
    """One entry of an incident's timeline; `measured` is the code of the period it is about."""

    headline: str
    at: datetime
    tag: str
    kind: str
    period: str = ""
    measured: str = ""
    mail: tuple[Delivery, ...] = ()


def rule_rows(rules: Iterable[AlertRule], words: Words) -> list[RuleRow]:
    """Rows of the list, what needs attention first. Wants `open_incidents` prefetched."""
    rows = [rule_row(rule, words) for rule in rules]
    return sorted(rows, key=lambda row: (row.state, row.title))


def rule_row(rule: AlertRule, words: Words) -> RuleRow:
    state = state_of(rule)
    known = state is not State.PAUSED
    return RuleRow(
        rule=rule,
        state=state,
        title=rule.name or words.wanted(rule),
        figure=words.figure(rule),
        scope=words.scope(rule),
        period=words.period(rule),
        wanted=words.wanted(rule),
        value=words.value(rule, rule.watch.value),
        distance=words.distance(rule, rule.watch.value),
        why=why_unknown(rule.watch.measured) if known and rule.watch.value is None else "",
    )


def state_of(rule: AlertRule) -> State:
    """Paused, alerting, and so on. Wants `open_incidents` prefetched."""
    watch = rule.watch
    if not rule.is_active:
        return State.PAUSED
    if rule.open_incidents:  # type: ignore[attr-defined] # the prefetch's
        return State.FIRING
    if not watch.measured:
        return State.WAITING
    if watch.value is None:
        return State.UNKNOWN
    return State.HOLDING if watch.crossed_since else State.FINE


def incident_row(incident: Incident, words: Words, *, at: datetime) -> IncidentRow:
    return IncidentRow(
        incident=incident,
        title=incident.rule.name or words.wanted(incident),
        scope=words.scope(incident),
        period=words.period(incident),
        wanted=words.wanted(incident),
        severity_kind=SEVERITY_KINDS[Severity(incident.severity)],
        opened=words.value(incident, incident.opened_value),
        peak=words.value(incident, incident.peak),
        resolved=words.value(incident, incident.resolved_value),
        lasted=lasting(incident.opened_at, incident.resolved_at or at),
    )


def timeline(incident: Incident, words: Words) -> list[Happening]:
    """Everything that happened, the latest first."""
    steps = Transition.objects.filter(incident=incident)
    found = [
        _step(step, incident, words) for step in steps.prefetch_related("deliveries__recipient")
    ]
    found += _acknowledged(incident)
    return sorted(found, key=lambda happening: happening.at)[::-1]


def _step(step: Transition, incident: Incident, words: Words) -> Happening:
    step.incident = incident
    kinds = {TransitionKind.FIRED: "bad", TransitionKind.RESOLVED: "good"}
    return Happening(
        headline=words.headline(step),
        at=step.at,
        tag=step.get_kind_display(),
        kind=kinds.get(TransitionKind(step.kind), ""),
        period=words.measured_period(step.period, at=step.at),
        measured=step.period,
        mail=tuple(step.deliveries.all()),
    )


def _acknowledged(incident: Incident) -> list[Happening]:
    if incident.acknowledged_at is None:
        return []
    words = _("%(person)s looks after it") % {"person": incident.acknowledged_by}
    return [Happening(words, incident.acknowledged_at, _("Acknowledged"), "accent")]


@dataclass(frozen=True)
class Preview:
    """The present value beside the threshold as typed so far; `subject` says of what."""

    subject: str
    value: str
    why: str
    distance: str
    fires: bool
    unit: str


def previewed(rule: AlertRule, figure: Figure, words: Words, *, typed: bool) -> Preview:
    """What a rule would find now; before its threshold is `typed`, only the value."""
    value = figure.value
    named = (words.figure(rule), words.scope(rule), words.period(rule))
    return Preview(
        subject=" · ".join(named),
        value=words.value(rule, value),
        why=why_unknown(figure.measured) if value is None else "",
        distance=words.distance(rule, value) if typed else "",
        fires=typed and value is not None and rule.is_crossed_by(value),
        unit=words.unit_sign(rule),
    )


@dataclass(frozen=True)
class Difference:
    """A field of a refused edit, as the page for conflicts shows it."""

    field: str
    yours: str
    theirs: str


def differences(rule: AlertRule, wanted: Mapping[str, Any], words: Words) -> list[Difference]:
    """Where a refused edit and the rule as it stands part; wanted are the rule's own fields."""
    theirs = copy(rule)
    yours = copy(rule)
    for name, value in wanted.items():
        setattr(yours, name, value)
    pairs = [
        (_("Figure"), words.figure(yours), words.figure(theirs)),
        (_("Period"), words.period(yours), words.period(theirs)),
        (_("Threshold"), words.wanted(yours), words.wanted(theirs)),
        (_("Only after (minutes)"), str(yours.hold_minutes), str(theirs.hold_minutes)),
        (_("Severity"), yours.get_severity_display(), theirs.get_severity_display()),
        (_("Name"), yours.name, theirs.name),
    ]
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
