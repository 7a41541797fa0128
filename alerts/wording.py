"""How rules and incidents are put into words, on pages and in mail, in the active language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Company
from alerts.models import Condition, Direction, Transition, TransitionKind, Watch
from charts.korean import subject
from charts.numbers import FRACTIONS, Unit, write
from kpis.declarations import State
from periods.labels import label, named_label

SIGNS = {Direction.ABOVE: ">", Direction.BELOW: "<"}


@dataclass(frozen=True)
class Words:
    """Writes in one language, with one company's money and name."""

    company: Company
    language: str

    @classmethod
    def here(cls, company: Company | None = None) -> Words:
        """For the active language."""
        return cls(company or Company.current(), get_language() or "en")

    def figure(self, condition: Condition) -> str:
        """The KPI's name, with its basis where that is not the default."""
        declared = condition.declared
        if declared is None:
            return condition.kpi
        if condition.basis in {"", declared.bases[0].key}:
            return str(declared.label)
        return f"{declared.label} ({declared.basis(condition.basis).label})"

    def scope(self, condition: Condition) -> str:
        return str(condition.team or condition.user or self.company.name)

    def period(self, condition: Condition) -> str:
        return named_label(condition.period, self.language)

    def unit(self, condition: Condition) -> Unit:
        return condition.declared.unit if condition.declared else Unit.COUNT

    def unit_sign(self, condition: Condition) -> str:
        """What a typed threshold is counted in: "KRW", "%", "days"."""
        names = {
            Unit.MONEY: self.company.currency,
            Unit.MONEY_PER_DAY: _("%(currency)s a day") % {"currency": self.company.currency},
            Unit.PERCENT: "%",
            Unit.RATIO: "×",
            Unit.DAYS: _("days"),
            Unit.HOURS: _("hours"),
            Unit.MONTHS: _("months"),
        }
        return names.get(self.unit(condition), "")

    def value(self, condition: Condition, value: Decimal | None, *, short: bool = True) -> str:
        return write(
            value,
            self.unit(condition),
            language=self.language,
            currency=self.company.currency,
            short=short,
            places=None if short else 4,
        )

    def against(self, condition: Condition, value: Decimal) -> str:
        """ "9.8억 < 10억": written out where the short forms would look equal."""
        for short in (True, False):
            left = self.value(condition, value, short=short)
            right = self.value(condition, condition.threshold, short=short)
            if left != right:
                break
        sign = "=" if value == condition.threshold else "<" if value < condition.threshold else ">"
        return f"{left} {sign} {right}"

    def wanted(self, condition: Condition) -> str:
        """When it fires: "수주 금액 < 10억"."""
        sign = SIGNS[Direction(condition.direction)]
        return f"{self.figure(condition)} {sign} {self.value(condition, condition.threshold)}"

    def distance(self, condition: Condition, value: Decimal | None) -> str:
        """How far a value is from the threshold, in the KPI's unit; rates in points."""
        if value is None:
            return ""
        gap = value - condition.threshold
        if not gap:
            return _("at the threshold")
        unit = self.unit(condition)
        written = write(
            abs(gap),
            Unit.POINTS if unit in FRACTIONS else unit,
            language=self.language,
            currency=self.company.currency,
        )
        words = _("%(gap)s above the threshold") if gap > 0 else _("%(gap)s below the threshold")
        return words % {"gap": written}

    def headline(self, transition: Transition) -> str:
        """What crossed what: "수주 금액이 기준 아래로 내려갔어요 — 9.8억 < 10억"."""
        incident = transition.incident
        name = self.figure(incident)
        words = self._happened(transition) % {
            "subject": subject(name) if self.language.startswith("ko") else name
        }
        if transition.value is None:
            return words
        return f"{words} — {self.against(incident, transition.value)}"

    def _happened(self, transition: Transition) -> str:
        if transition.kind == TransitionKind.STOPPED:
            return _("%(subject)s is no longer watched")
        if transition.kind == TransitionKind.RESOLVED:
            return _("%(subject)s is back within its threshold")
        if transition.incident.direction == Direction.ABOVE:
            return _("%(subject)s rose above its threshold")
        return _("%(subject)s fell below its threshold")

    def measured_period(self, code: str, *, at: datetime) -> str:
        """The name of the period that was measured, from its code."""
        return label(self.company.calendar.parse(code, at=at), self.language) if code else ""


def why_unknown(measured: str) -> str:
    """Why a rule has no value; "" where it has one."""
    reasons = {
        State.EMPTY: _("Nothing was measured in this period."),
        State.MET: _("The target is reached; nothing remains to be covered."),
        State.NO_TARGET: _("No target is set for this period."),
        State.NO_RATE: _("An exchange rate is missing, so the total is not known."),
        Watch.REFUSED: _("The rule's owner may not see this figure any more."),
        Watch.UNREADABLE: _("The catalog no longer has this figure."),
        "": _("Not evaluated yet."),
    }
    return reasons.get(measured, "")


def lasting(start: datetime, end: datetime) -> str:
    """How long something took, in its largest unit."""
    minutes = max(int((end - start).total_seconds()) // 60, 1)
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
