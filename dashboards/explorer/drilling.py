"""From a part of a figure to the page about that part alone, and so to its rows."""

from __future__ import annotations

from urllib.parse import urlencode

from accounts.scope import reach
from dashboards.explorer.opening import Opened
from kpis.questions import GRAINS, Row


def drill_url(page: Opened, row: Row, cell: Row | None = None) -> str:
    """The page about one part alone; "" for what nothing narrows to.

    That is what is not known, and what is credited directly to the team that is split.
    """
    if not row.key or _is_direct(page, row):
        return ""
    part = _part(page, row) | ({"period": cell.key} if cell else {})
    state = {name: value for name, value in page.state.items() if name not in ("by", "grain")}
    return f"?{urlencode(state | part)}"


def _is_direct(page: Opened, row: Row) -> bool:
    question = page.question
    split = {str(question.scope.id), dict(question.filters).get("team")}
    return question.by == "team" and row.key in split


def _part(page: Opened, row: Row) -> dict[str, str]:
    """What narrows a page to one part: a team below the scope is a scope, with all below it."""
    question = page.question
    if question.by in GRAINS:
        return {"period": row.key}
    if question.by == "team":
        team = reach(page.look.viewer).tree.teams.get(int(row.key))
        if team is not None:
            return {"scope": f"team:{team.slug}"}
    return {question.by: row.key}
