"""Who does what: teams or reps compared by one figure, with the median."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scope import reach
from charts.comparison import dot_comparison, rank
from charts.data import Dot
from charts.finding import comparison_finding
from charts.words import word
from dashboards.cards import SwitchedCard, switches
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import exact
from kpis.cards import drawn
from kpis.questions import Answer, Question, Row
from kpis.registry import all_kpis

KPIS = ("won_revenue", "win_rate", "average_deal_size", "sales_cycle")
MOST = 15
NAMES = {"rep": gettext_lazy("Rep"), "team": gettext_lazy("Team")}


def ranking(*who: str, css: str) -> Panel:
    """Compared by "rep" or by "team", the first at first; the person switches that and the KPI."""

    def ask(look: Look) -> list[Question]:
        return [look.question(look.choice("rank", KPIS), by=look.choice("who", who))]

    def show(look: Look, answers: list[Answer]) -> SwitchedCard:
        offered = {each: NAMES[each] for each in who} if len(who) > 1 else {}
        by = answers[0].question.by
        return replace(_card(answers[0], look), more=switches(look, "ranking", "who", offered, by))

    return Panel("ranking", show=show, ask=ask, css=css)


def _card(answer: Answer, look: Look) -> SwitchedCard:
    kpi = answer.kpi
    dots = [_dot(row, answer.question.by, look) for row in answer.rows if row.key]
    ranked = rank(dots, down_is_good=not kpi.up_is_good)
    down = not kpi.up_is_good
    found = comparison_finding(dots, kpi.unit, look.style, down_is_good=down)
    labels = {key: all_kpis()[key].label for key in KPIS}
    return SwitchedCard(
        id="ranking",
        title=found or _("Who does what?"),
        note=_note(answer, len(dots)),
        figure=drawn(dot_comparison(dots, kpi.unit, look.style, down_is_good=down, most=MOST)),
        header=[NAMES[answer.question.by], kpi.label],
        rows=[[_name(dot, look), exact(dot.value, kpi.unit, look.style)] for dot in ranked],
        empty="" if dots else _("Nobody closed a deal in this period yet."),
        switches=switches(look, "ranking", "rank", labels, kpi.key),
    )


def _note(answer: Answer, count: int) -> str:
    text = _("%(kpi)s by %(what)s") % {
        "kpi": answer.kpi.label,
        "what": str(NAMES[answer.question.by]).lower(),
    }
    if count <= MOST:
        return text
    return text + " · " + _("the first %(shown)s of %(all)s") % {"shown": MOST, "all": count}


def _dot(row: Row, by: str, look: Look) -> Dot:
    return Dot(row.label, row.result.value, ramping=row.is_ramping, href=_opens(row, by, look))


def _name(dot: Dot, look: Look) -> str:
    return word("ramping", look.style.language, name=dot.label) if dot.ramping else dot.label


def _opens(row: Row, by: str, look: Look) -> str:
    """The same page about that team or rep."""
    if by == "rep":
        return "/" + look.selection.query(scope=f"user:{row.key}")
    team = reach(look.viewer).tree.teams.get(int(row.key))
    return "/" + look.selection.query(scope=f"team:{team.slug}") if team else ""
