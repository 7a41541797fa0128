"""What is still needed: the remaining target, in money and in deals of average size."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.numbers import Unit
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.spans import year_to
from dashboards.wording import attainment, pace_words, share, written
from kpis.questions import Answer, Question


@dataclass(frozen=True)
class Needed:
    """Sentences, ready to read; the meter in percent."""

    remaining: str
    attained: str
    meter: Decimal | None
    mark: Decimal | None
    pace: str
    pace_kind: str
    deals: str
    closing: str


def needed(css: str) -> Panel:
    """For one person: attainment and what it takes to reach the target."""
    return Panel(
        "needed",
        show=_show,
        ask=_ask,
        template="dashboards/panels/needed.html",
        css=css,
        facts=("target",),
    )


def _ask(look: Look) -> list[Question]:
    return [
        look.question("won_revenue"),
        look.question("average_deal_size", period=year_to(look.period)),
        look.question("open_pipeline", closing=look.period),
        look.question("open_deals", closing=look.period),
    ]


def _show(look: Look, answers: list[Answer]) -> Needed | None:
    won, size, amount, count = answers
    reached = attainment(won)
    if reached is None or won.target is None or won.value is None:
        return None
    missing = won.target - won.value
    pace, pace_kind = pace_words(won, look)
    running = look.period.is_running(look.at)
    return Needed(
        remaining=_remaining(missing, look),
        attained=share(reached, look.style),
        meter=min(reached, Decimal(1)) * 100,
        mark=look.period.share_gone(look.at) * 100 if running else None,
        pace=pace,
        pace_kind=pace_kind,
        deals=_deals(missing, size.value, look),
        closing=_closing(amount.value, int(count.value or 0), look),
    )


def _remaining(missing: Decimal, look: Look) -> str:
    if missing <= 0:
        return _("Target reached")
    return _("%(missing)s to go") % {"missing": written(missing, Unit.MONEY, look.style)}


def _deals(missing: Decimal, size: Decimal | None, look: Look) -> str:
    """How many deals of the last twelve months' average size that is."""
    if missing <= 0 or not size:
        return ""
    count = int((missing / size).to_integral_value(ROUND_CEILING))
    return ngettext(
        "That is %(count)s deal of your average size, %(size)s.",
        "That is %(count)s deals of your average size, %(size)s.",
        count,
    ) % {"count": count, "size": written(size, Unit.MONEY, look.style)}


def _closing(amount: Decimal | None, count: int, look: Look) -> str:
    if not count:
        return _("No open deal is expected to close in this period.")
    return ngettext(
        "%(count)s open deal is expected to close in this period: %(amount)s.",
        "%(count)s open deals are expected to close in this period: %(amount)s.",
        count,
    ) % {"count": count, "amount": written(amount, Unit.MONEY, look.style)}
