"""A what-if in words, figures and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charts.data import Style
from charts.numbers import Unit, change, write
from charts.outcomes import Curve, Range, distribution, reaching
from forecasting.landing import in_words, share, why_nothing
from forecasting.whatif.asking import Asked, Scene, WhatIf
from forecasting.whatif.levers import NAMES
from kpis.cards import Card, drawn
from kpis.funnel import Required

LABELS = {
    "win_rate": gettext_lazy("Win rate"),
    "deal_size": gettext_lazy("Deal size"),
    "cycle": gettext_lazy("Sales cycle"),
    "leads": gettext_lazy("Lead volume"),
    "churn": gettext_lazy("Churn"),
}
UNITS = {
    "win_rate": Unit.PERCENT,
    "deal_size": Unit.MONEY,
    "cycle": Unit.DAYS,
    "leads": Unit.COUNT,
    "churn": Unit.PERCENT,
}


@dataclass(frozen=True)
class Shown:
    """A what-if, and how it is written for whom."""

    asked: Asked
    found: WhatIf
    style: Style

    @property
    def today(self) -> date:
        return self.asked.period.calendar.business_day(self.asked.at)

    @property
    def scene(self) -> Scene:
        """The last one: the scenario, where there is one."""
        return self.found.scenes[-1]

    def money(self, value: Decimal | None, *, short: bool = True, signed: bool = False) -> str:
        """An amount in the company's currency."""
        language, currency = self.style.language, self.style.currency
        return write(
            value, Unit.MONEY, language=language, currency=currency, short=short, signed=signed
        )

    def rate(self, name: str, value: Decimal | None) -> str:
        """What a lever moves, with its unit."""
        places = {"win_rate": 1, "churn": 1, "cycle": 0, "leads": 0}.get(name)
        language, currency = self.style.language, self.style.currency
        text = write(value, UNITS[name], language=language, currency=currency, places=places)
        return _("%(count)s a month") % {"count": text} if name == "leads" else text

    def said(self, name: str) -> str:
        """A lever's rate as it is, and as it would be: 31 % → 34 %."""
        now = self.rate(name, getattr(self.found.today, name))
        if not self.found.scenes or name not in self.scene.levers.moved:
            return now
        return f"{now} → {self.rate(name, getattr(self.scene.rates, name))}"


def why_not(shown: Shown) -> str:
    """Why there are no outcomes; "" where there are some."""
    if shown.found.state == "ok":
        return ""
    if shown.found.state == "not_kept":
        return _(
            "What the forecast of that day was drawn from is not kept any more. Look at the "
            "present to play with it."
        )
    return why_nothing(shown.found.told, shown.asked.at)


def card(shown: Shown) -> Card:
    """The distribution with its target, the outcomes as they are today behind it."""
    title = _("Where would we land?")
    if not shown.found.scenes:
        return Card("what-if", title, empty=why_not(shown))
    base, scene = shown.found.scenes[0], shown.scene
    ends = scene.ends
    marked = Range(ends.p10, ends.p50, ends.p90, scene.target)
    behind = base.ends.draws if scene.levers.moved else None
    figure = distribution(ends.draws, behind, marked, Unit.MONEY, shown.style)
    return Card(
        "what-if",
        finding(shown),
        figure=drawn(figure),
        header=[_("Figure"), _("Today"), _("Scenario"), _("Change")],
        rows=figures(shown),
        note=_("A thousand ends of the period; the outline shows them as the model has them today.")
        if behind is not None
        else _("A thousand ends of the period, as the model has them today."),
    )


def finding(shown: Shown) -> str:
    """The chance of the target, and what it was."""
    base, scene = shown.found.scenes[0], shown.scene
    if scene.chance is None or base.chance is None:
        return _("Half of all outcomes lie above %(amount)s") % {
            "amount": shown.money(scene.ends.p50)
        }
    words = {
        "likely": in_words(scene.chance),
        "chance": share(scene.chance, shown.style),
        "before": share(base.chance, shown.style),
    }
    if not scene.levers.moved:
        return _("Reaching the target is %(likely)s: a chance of %(chance)s") % words
    return (
        _("Reaching the target would be %(likely)s: a chance of %(chance)s, today %(before)s")
        % words
    )


def figures(shown: Shown) -> list[list[str]]:
    """Each figure today and under the scenario, and the difference."""
    base, scene = shown.found.scenes[0], shown.scene
    booked = shown.found.booked
    pairs = [
        (_("Booked"), booked, booked),
        ("P10", base.ends.p10, scene.ends.p10),
        ("P50", base.ends.p50, scene.ends.p50),
        ("P90", base.ends.p90, scene.ends.p90),
        (_("Target"), base.target, scene.target),
        (_("P50 against the target"), base.gap, scene.gap),
    ]
    rows = [
        [
            name,
            shown.money(now, short=False),
            shown.money(then, short=False),
            _moved(shown, now, then),
        ]
        for name, now, then in pairs
    ]
    return [*rows, _chances(shown, base, scene)]


def _moved(shown: Shown, now: Decimal | None, then: Decimal | None) -> str:
    if now is None or then is None:
        return "–"
    return shown.money(then - now, signed=True)


def _chances(shown: Shown, base: Scene, scene: Scene) -> list[str]:
    delta = None
    if base.chance is not None and scene.chance is not None:
        delta = scene.chance - base.chance
    return [
        _("Chance of target"),
        share(base.chance, shown.style),
        share(scene.chance, shown.style),
        "–" if delta is None else change(delta, Unit.POINTS, language=shown.style.language),
    ]


def sentences(shown: Shown) -> list[str]:
    """What follows: the target after churn, the gap, and what closes it by when."""
    if not shown.found.scenes:
        return []
    scene = shown.scene
    told = [_of_churn(shown, scene), _of_gap(shown, scene), *_of_closing(shown, scene)]
    return [text for text in told if text]


def _of_churn(shown: Shown, scene: Scene) -> str:
    if not scene.raised or scene.target is None:
        return ""
    words = {
        "churn": shown.rate("churn", scene.rates.churn),
        "usual": shown.rate("churn", shown.found.today.churn),
        "due": shown.money(shown.found.due),
        "lost": shown.money(abs(scene.raised)),
        "target": shown.money(scene.target),
    }
    if scene.raised > 0:
        return (
            _(
                "Contracts of %(due)s still fall due. A churn of %(churn)s instead of %(usual)s "
                "loses %(lost)s of them, so that the target rises to %(target)s."
            )
            % words
        )
    return (
        _(
            "Contracts of %(due)s still fall due. A churn of %(churn)s instead of %(usual)s keeps "
            "%(lost)s of them, so that %(target)s is enough."
        )
        % words
    )


def _of_gap(shown: Shown, scene: Scene) -> str:
    if scene.gap is None:
        return _("No target is set for this period.")
    words = {"gap": shown.money(abs(scene.gap)), "middle": shown.money(scene.ends.p50)}
    if scene.gap < 0:
        return _("The P50 of %(middle)s misses the target by %(gap)s.") % words
    return _("The P50 of %(middle)s is %(gap)s above the target.") % words


def _of_closing(shown: Shown, scene: Scene) -> list[str]:
    takes = scene.takes
    if takes is None or not takes.missing:
        return []
    if not takes.deals:
        return [_("How many deals close the gap is not known: nothing was won in twelve months.")]
    deals = ngettext(
        "Closing it takes %(count)s more deal of average size, %(size)s.",
        "Closing it takes %(count)s more deals of average size, %(size)s.",
        takes.deals,
    ) % {"count": _count(takes.deals, shown), "size": shown.money(takes.funnel.size)}
    return [deals, _of_inquiries(shown, takes)]


def _of_inquiries(shown: Shown, takes: Required) -> str:
    if not takes.inquiries or takes.by is None:
        return ""
    words = {
        "count": _count(takes.inquiries, shown),
        "day": format_date(
            takes.by,
            "d MMMM" if shown.style.language == "en" else "MMMd일",
            locale=shown.style.language,
        ),
        "cycle": shown.rate("cycle", takes.funnel.cycle),
    }
    if takes.by < shown.today:
        text = ngettext(
            "%(count)s more inquiry would have been needed by %(day)s: a deal takes %(cycle)s, so "
            "that only deals in hand can still close the gap.",
            "%(count)s more inquiries would have been needed by %(day)s: a deal takes %(cycle)s, "
            "so that only deals in hand can still close the gap.",
            takes.inquiries,
        )
    else:
        text = ngettext(
            "%(count)s more inquiry is needed by %(day)s; a deal takes %(cycle)s.",
            "%(count)s more inquiries are needed by %(day)s; a deal takes %(cycle)s.",
            takes.inquiries,
        )
    return text % words


def _count(count: int, shown: Shown) -> str:
    style = shown.style
    return write(Decimal(count), Unit.COUNT, language=style.language, currency="", short=False)


def table(shown: Shown, names: list[str]) -> tuple[list[str], list[list[Any]]]:
    """Scenarios side by side: a row a rate and a figure, a column for today and each scenario."""
    scenes = shown.found.scenes
    header = ["", _("Today"), *names]
    rates: list[list[Any]] = [
        [str(LABELS[name]), *(shown.rate(name, getattr(scene.rates, name)) for scene in scenes)]
        for name in NAMES
    ]
    money: list[tuple[str, list[Decimal | None]]] = [
        ("P10", [scene.ends.p10 for scene in scenes]),
        ("P50", [scene.ends.p50 for scene in scenes]),
        ("P90", [scene.ends.p90 for scene in scenes]),
        (_("Target"), [scene.target for scene in scenes]),
        (_("P50 against the target"), [scene.gap for scene in scenes]),
    ]
    amounts = [[name, *(shown.money(value) for value in values)] for name, values in money]
    chances = [_("Chance of target"), *(share(scene.chance, shown.style) for scene in scenes)]
    return header, [*rates, *amounts, chances, *_taken(shown)]


def _taken(shown: Shown) -> list[list[str]]:
    def counts(name: str) -> list[str]:
        found = [
            getattr(scene.takes, name) if scene.takes else None for scene in shown.found.scenes
        ]
        return ["–" if count is None else _count(count, shown) for count in found]

    days = [scene.takes.by if scene.takes else None for scene in shown.found.scenes]
    return [
        [_("Deals that close the gap"), *counts("deals")],
        [_("Inquiries for them"), *counts("inquiries")],
        [_("Inquiries needed by"), *("–" if day is None else day.isoformat() for day in days)],
    ]


def compared(shown: Shown, names: list[str]) -> Card:
    """How likely each amount is reached under several scenarios."""
    title = _("How likely is each amount?")
    if not shown.found.scenes:
        return Card("what-if-compared", title, empty=why_not(shown))
    curves = [
        Curve(name, scene.ends.draws)
        for name, scene in zip([_("Today"), *names], shown.found.scenes, strict=True)
    ]
    target = shown.found.scenes[0].target
    return Card(
        "what-if-compared",
        title,
        figure=drawn(reaching(curves, target, Unit.MONEY, shown.style)),
        note=_(
            "The share of outcomes that reach an amount or pass it; the dashed line is the target "
            "as it is set."
        ),
    )
