"""How answers are put into words: values, changes with their basis, pace, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.data import Style
from charts.numbers import Unit, write
from charts.numbers import change as change_of
from dashboards.look import Look
from kpis.declarations import Kind, State
from kpis.pace import attained, limit_pace, linear_pace, used
from kpis.questions import Answer, Comparison, Restated
from kpis.rates import MissingRate
from periods.labels import label

GOOD, BAD = "good", "bad"
# A smaller change is written as 0.0 %.
UNSEEN = Decimal("0.0005")


@dataclass(frozen=True)
class Change:
    """A change in words, with what it is measured against; kind is good, bad or ""."""

    words: str
    basis: str
    kind: str


def written(value: Decimal | None, unit: Unit, style: Style, *, places: int | None = None) -> str:
    """A value in the person's language and the company's currency."""
    return write(value, unit, language=style.language, currency=style.currency, places=places)


def exact(value: Decimal | None, unit: Unit, style: Style) -> str:
    """A value in full, as formulas and tables show it."""
    return write(value, unit, language=style.language, currency=style.currency, short=False)


def share(value: Decimal, style: Style) -> str:
    """A share as whole percents."""
    return written(value, Unit.PERCENT, style, places=0)


def change(answer: Answer, look: Look) -> Change | None:
    """How a figure moved; None where nothing was compared or measured."""
    compared = answer.comparison
    if compared is None or answer.value is None:
        return None
    basis = comparison_basis(answer, compared, look)
    if compared.change is None:
        return Change(_("No figure to compare"), basis, "")
    words = change_of(compared.change, compared.change_unit, language=look.style.language)
    return Change(words, basis, _kind(compared.change, up_is_good=answer.kpi.up_is_good))


def comparison_basis(answer: Answer, compared: Comparison, look: Look) -> str:
    """Against what: the same elapsed part of the earlier period, its instant, or all of it."""
    last_year = compared.kind == "year"
    if not compared.like_for_like:
        return _("vs %(period)s") % {"period": label(compared.period, look.style.language)}
    if answer.kpi.kind is Kind.STOCK:
        return _("vs the same day last year") if last_year else _("vs the same day then")
    days = compared.period.working_days
    if last_year:
        text = ngettext(
            "vs same %(days)s workday last year",
            "vs same %(days)s workdays last year",
            days,
        )
    else:
        text = ngettext(
            "vs first %(days)s workday of the period before",
            "vs first %(days)s workdays of the period before",
            days,
        )
    return text % {"days": days}


def why_nothing(answer: Answer) -> str:
    """Why a figure has no value."""
    if answer.expected is not None and not answer.question.measured.up_is_good:
        return _("Whether a limit is kept is known when the period is over.")
    reasons = {
        State.MET: _("The target is reached; nothing remains to be covered."),
        State.NO_TARGET: _("No target is set for this period."),
        State.NO_RATE: _lacking(answer.missing_rate),
        State.EMPTY: _("Nothing was measured in this period."),
    }
    return reasons.get(answer.state, "")


def _lacking(rate: MissingRate | None) -> str:
    if rate is None:
        return ""
    text = _("No exchange rate for %(currency)s on %(day)s, so the total is not known.")
    return text % {"currency": rate.currency, "day": date_format(rate.day)}


def attainment(answer: Answer) -> Decimal | None:
    """How much of its target a figure reached that has one and is not made of it already."""
    is_made_of_it = bool(answer.kpi.target_of) or answer.kpi.of_other
    if is_made_of_it:
        return None
    return attained(answer.value, answer.target, up_is_good=answer.kpi.up_is_good).value


def filled(answer: Answer) -> Decimal | None:
    """How much of its target a figure has come to; of its limit, where down is good, how much
    is used."""
    if answer.kpi.up_is_good or attainment(answer) is None:
        return attainment(answer)
    return used(answer.value, answer.target)


def target_words(answer: Answer, style: Style) -> str:
    """How far: "83 % of ₩12.7B"; "" without a target."""
    reached = filled(answer)
    if reached is None or answer.target is None:
        return ""
    words = _("%(share)s of the %(target)s target")
    if not answer.kpi.up_is_good:
        words = _("%(share)s of the %(target)s limit")
    return words % {
        "share": share(reached, style),
        "target": written(answer.target, answer.kpi.unit, style),
    }


def has_pace(answer: Answer, look: Look) -> bool:
    """Whether a figure adds up while the period runs."""
    return answer.basis.adds_up_over_time and look.period.is_running(look.at)


def pace_words(answer: Answer, look: Look) -> tuple[str, str]:
    """How attainment stands against the share of the period gone, and whether that is good."""
    # A rate does not grow with the period, so it has a target but no pace.
    grows = answer.basis.adds_up_over_time
    is_limit = not answer.kpi.up_is_good
    pace_of = limit_pace if is_limit else linear_pace
    ahead = pace_of(filled(answer), look.period, look.at) if grows else None
    return ("", "") if ahead is None else paced(ahead, look.style, is_limit=is_limit)


def paced(ahead: Decimal, style: Style, *, is_limit: bool = False) -> tuple[str, str]:
    """How far ahead of its pace a figure is, or within that of its limit; whether that is good."""
    points = {"points": written(abs(ahead), Unit.POINTS, style, places=0)}
    if is_limit and ahead >= 0:
        return _("within the limit so far, %(points)s below its pace") % points, GOOD
    if is_limit:
        return _("%(points)s above the pace of the limit") % points, BAD
    if ahead >= 0:
        return _("%(points)s ahead of pace") % points, GOOD
    return _("%(points)s behind pace") % points, BAD


def _kind(value: Decimal, *, up_is_good: bool) -> str:
    """Neither good nor bad where the figure shows no change."""
    if abs(value) < UNSEEN:
        return ""
    return GOOD if (value > 0) == up_is_good else BAD


def restated_words(answer: Answer, style: Style) -> str:
    """ "It was ₩120 when the period was closed on 5 April." of a figure that moved; else ""."""
    if (restated := answer.restated) is None:
        return ""
    told = {
        "value": written(restated.then.value, answer.kpi.unit, style),
        "day": date_format(localtime(restated.closed_at)),
    }
    if restated.by_hand:
        words = _("It was %(value)s when the period was closed on %(day)s.") % told
    else:
        words = _("It was %(value)s when the period was over.") % told
    return f"{words} {_other_target(answer, restated, style)}".rstrip()


def _other_target(answer: Answer, restated: Restated, style: Style) -> str:
    """That a figure is held against another target than then; else ""."""
    if restated.target is None or restated.target == answer.target:
        return ""
    measured = answer.question.measured
    target = written(restated.target, measured.unit, style)
    return _("The target was %(target)s then.") % {"target": target}
