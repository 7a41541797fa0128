"""What a new value means for a rule: whether an incident opens, goes on, or ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto

from alerts.models import AlertRule, Direction, Incident
from alerts.reading import Figure


class Step(Enum):
    STAY = auto()
    """No change of state."""
    FIRE = auto()
    RESOLVE = auto()
    WORSEN = auto()
    """The incident goes on, farther from the threshold than ever."""


@dataclass(frozen=True)
class Verdict:
    """The step to take, and since when the figure has lain beyond the threshold."""

    step: Step
    crossed_since: datetime | None


def judge(
    rule: AlertRule,
    figure: Figure,
    *,
    at: datetime,
    crossed_since: datetime | None,
    incident: Incident | None,
) -> Verdict:
    """A value that equals the threshold is not beyond it: it opens nothing and ends what is open.

    An unknown value changes nothing: for want of data nothing is alarming, and nothing is well.
    Where the target is met, there is no value because nothing is left to be measured: all is well.
    """
    if figure.is_met:
        return Verdict(Step.RESOLVE if incident else Step.STAY, None)
    if figure.value is None:
        return Verdict(Step.STAY, crossed_since)
    if not rule.is_crossed_by(figure.value):
        return Verdict(Step.RESOLVE if incident else Step.STAY, None)
    since = crossed_since or at
    if incident is not None:
        worse = farther(rule.direction, figure.value, incident.peak) != incident.peak
        return Verdict(Step.WORSEN if worse else Step.STAY, since)
    held = at - since >= timedelta(minutes=rule.hold_minutes)
    return Verdict(Step.FIRE if held else Step.STAY, since)


def farther(direction: str, one: Decimal, other: Decimal) -> Decimal:
    """Of two values beyond the threshold, the one farther from it."""
    return max(one, other) if direction == Direction.ABOVE else min(one, other)
