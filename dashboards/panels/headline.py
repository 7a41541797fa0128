"""The page's first line: what is won, what is still needed, and whether that is on pace."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from charts.numbers import Unit
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import GOOD, attainment, pace_words, share, written
from kpis.questions import Answer
from periods.labels import label

KPI = "won_revenue"


@dataclass(frozen=True)
class Headline:
    title: str
    lead: str


HEADLINE = Panel(
    "headline",
    show=lambda look, answers: Headline(_title(answers[0], look), _lead(look)),
    ask=lambda look: [look.question(KPI)],
    template="dashboards/panels/headline.html",
    css="headline",
    facts=("target",),
)


def _title(answer: Answer, look: Look) -> str:
    reached = attainment(answer)
    if reached is None or answer.target is None or answer.value is None:
        return _("%(won)s won") % {"won": written(answer.value, Unit.MONEY, look.style)}
    if reached >= 1:
        return _("Target reached: %(share)s of %(target)s") % {
            "share": share(reached, look.style),
            "target": written(answer.target, Unit.MONEY, look.style),
        }
    return _to_go(answer, look)


def _to_go(answer: Answer, look: Look) -> str:
    missing = (answer.target or Decimal(0)) - (answer.value or Decimal(0))
    words = {"missing": written(missing, Unit.MONEY, look.style)}
    _pace, kind = pace_words(answer, look)
    if not kind:
        return _("%(missing)s short of target") % words
    if kind == GOOD:
        return _("%(missing)s to go, and ahead of pace") % words
    return _("%(missing)s to go, and behind pace") % words


def _lead(look: Look) -> str:
    parts = [look.scope.label, label(look.period, look.style.language)]
    if look.period.is_running(look.at):
        gone = look.period.elapsed(look.at).working_days
        parts.append(
            _("working day %(gone)s of %(all)s") % {"gone": gone, "all": look.period.working_days}
        )
    return " · ".join(parts)
