"""What is still needed: the remaining target, in money and in deals of average size."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.numbers import Unit
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import attainment, exact, pace_words, share, written
from kpis.funnel import Required, funnel_questions, required
from kpis.questions import Answer, Question
from kpis.spans import year_to


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
    inquiries: str
    closing: str


def needed(css: str) -> Panel:
    """Attainment, and what it takes to reach the target."""
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
        look.question("open_pipeline", closing=look.period),
        look.question("open_deals", closing=look.period),
        *funnel_questions(look.question("won_revenue"), year_to(look.period)),
    ]


def _show(look: Look, answers: list[Answer]) -> Needed | None:
    amount, count, won, *_rates = answers
    reached, takes = attainment(won), required(answers[2:])
    if reached is None or takes is None:
        return None
    pace, pace_kind = pace_words(won, look)
    running = look.period.is_running(look.at)
    return Needed(
        remaining=_remaining(takes.missing, look),
        attained=share(reached, look.style),
        meter=min(reached, Decimal(1)) * 100,
        mark=look.period.share_gone(look.at) * 100 if running else None,
        pace=pace,
        pace_kind=pace_kind,
        deals=_deals(takes, look),
        inquiries=_inquiries(takes, look),
        closing=_closing(amount.value, int(count.value or 0), look),
    )


def _remaining(missing: Decimal, look: Look) -> str:
    if missing <= 0:
        return _("Target reached")
    return _("%(missing)s to go") % {"missing": written(missing, Unit.MONEY, look.style)}


def _deals(takes: Required, look: Look) -> str:
    """How many deals of the last twelve months' average size that is."""
    if not takes.deals:
        return ""
    return ngettext(
        "That is %(count)s deal of average size, %(size)s.",
        "That is %(count)s deals of average size, %(size)s.",
        takes.deals,
    ) % {
        "count": _number(takes.deals, look),
        "size": written(takes.funnel.size, Unit.MONEY, look.style),
    }


def _inquiries(takes: Required, look: Look) -> str:
    """From how many inquiries they come, and by when those are needed."""
    if not takes.inquiries or takes.by is None:
        return ""
    words = {
        "count": _number(takes.inquiries, look),
        "day": format_date(takes.by, "medium", locale=look.style.language),
        "cycle": written(takes.funnel.cycle, Unit.DAYS, look.style, places=0),
    }
    if takes.by < look.today:
        text = ngettext(
            "At these rates that took %(count)s inquiry by %(day)s; a deal takes %(cycle)s.",
            "At these rates that took %(count)s inquiries by %(day)s; a deal takes %(cycle)s.",
            takes.inquiries,
        )
    else:
        text = ngettext(
            "At these rates that takes %(count)s inquiry by %(day)s; a deal takes %(cycle)s.",
            "At these rates that takes %(count)s inquiries by %(day)s; a deal takes %(cycle)s.",
            takes.inquiries,
        )
    return text % words


def _number(count: int, look: Look) -> str:
    return exact(Decimal(count), Unit.COUNT, look.style)


def _closing(amount: Decimal | None, count: int, look: Look) -> str:
    if not count:
        return _("No open deal is expected to close in this period.")
    return ngettext(
        "%(count)s open deal is expected to close in this period: %(amount)s.",
        "%(count)s open deals are expected to close in this period: %(amount)s.",
        count,
    ) % {"count": _number(count, look), "amount": written(amount, Unit.MONEY, look.style)}
