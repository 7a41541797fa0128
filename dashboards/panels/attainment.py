"""How far to target: the scope and what it is made of, each against its own target and pace."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import Scope, ScopeKind, reach
from charts.bullets import bullet
from charts.data import Bullet
from charts.finding import attainment_finding
from charts.numbers import Unit
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import attainment, exact, pace_words, share
from kpis.cards import Card, drawn
from kpis.questions import Answer, Question

KPI = "won_revenue"
MOST = 12


def attainments(css: str) -> Panel:
    """The scope first, then its teams, or the people of a team that has none below it."""
    return Panel("attainment", show=_show, ask=_ask, css=css, facts=("target", "membership"))


def _ask(look: Look) -> list[Question]:
    return [look.question(KPI, scope=scope) for scope in (look.scope, *_parts(look)[:MOST])]


def _parts(look: Look) -> list[Scope]:
    """The scopes directly below the one that is looked at."""
    if look.scope.kind is ScopeKind.USER:
        return []
    tree = reach(look.viewer).tree
    parent = look.scope.id or None
    teams = [team for team in tree.teams.values() if team.parent_id == parent]
    if teams:
        return [tree.scope(team) for team in sorted(teams, key=lambda team: team.name)]
    people = User.objects.get_queryset().of_teams(look.scope.team_ids, on=look.today)
    return [Scope(ScopeKind.USER, person.pk, label=str(person)) for person in people]


def _show(look: Look, answers: list[Answer]) -> Card:
    # A lead without deals or target of their own is no row.
    answers = [answer for answer in answers if answer.value or answer.target]
    rows = [_bullet(answer, look) for answer in answers]
    has_target = any(row.target for row in rows)
    return Card(
        id="attainment",
        title=_title(answers, look),
        note=_("Won revenue against target and pace"),
        figure=drawn(bullet(rows, Unit.MONEY, look.style)),
        header=[_("Who"), _("Won revenue"), _("Target"), _("Attainment")],
        rows=[_line(answer, look) for answer in answers],
        empty="" if has_target else _("No targets are set for this period."),
    )


def _title(answers: list[Answer], look: Look) -> str:
    """Against the pace while the period runs, against the target once it is over."""
    if not answers or answers[0].question.scope != look.scope:
        return _("How far to target?")
    whole = answers[0]
    pace, _kind = pace_words(whole, look)
    if pace:
        return _("%(who)s: %(pace)s") % {"who": look.scope.label, "pace": pace}
    reached = attainment(whole)
    return attainment_finding(look.scope.label, reached, look.style) or _("How far to target?")


def _bullet(answer: Answer, look: Look) -> Bullet:
    reached = attainment(answer)
    target = answer.target
    gone = look.period.share_gone(look.at)
    return Bullet(
        label=answer.question.scope.label,
        value=answer.value,
        target=target,
        pace=target * gone if target and look.period.is_running(look.at) else None,
        note="" if reached is None else share(reached, look.style),
        href="/" + look.selection.query(scope=answer.question.scope.code),
    )


def _line(answer: Answer, look: Look) -> list[str]:
    reached = attainment(answer)
    return [
        answer.question.scope.label,
        exact(answer.value, Unit.MONEY, look.style),
        exact(answer.target, Unit.MONEY, look.style),
        exact(reached, Unit.PERCENT, look.style),
    ]
