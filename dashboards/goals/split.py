"""Split a goal among its teams or people: a preview by last year's shares, then one action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import Permission, require
from dashboards.goals.asking import goal_url, stated_revision, visible
from dashboards.goals.forms import credit_of
from dashboards.look import Look, look
from dashboards.wording import exact, share, written
from kpis.declarations import Kpi
from kpis.registry import all_kpis
from kpis.smart import title_of
from kpis.splitting import Share, shares_of
from kpis.typed import read_number, typed
from pipeline.actions.changing import Stale
from pipeline.actions.targets import Part, cascade_target
from pipeline.models import Target
from pipeline.views.saving import told_apart


@dataclass
class PartRow:
    """One part in the preview; `typed` is what its field holds, `error` what is wrong with it."""

    part: Share
    name: str
    last_year: str
    share: str
    before: str
    typed: str
    revision: int
    value: Decimal | None = None
    error: str = ""

    @property
    def is_left_out(self) -> bool:
        return self.value is None and not self.error


@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview; once it is sent, every part gets its goal in one go."""
    here = look(request)
    found = visible(here, pk)
    require(here.viewer, Permission.EDIT_TARGETS)
    kpi = all_kpis().get(found.kpi)
    if kpi is None:
        raise Http404
    parts = shares_of(found, viewer=here.viewer, at=here.at, today=here.today)
    rows = [_row(part, kpi, here) for part in parts]
    if request.method == "GET":
        return _page(request, found, kpi, rows, here)
    _read(rows, kpi, request)
    if any(row.error for row in rows):
        return _page(request, found, kpi, rows, here, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _saved(request, found, rows, here)


def _saved(
    request: HttpRequest, found: Target, rows: Sequence[PartRow], here: Look
) -> HttpResponse:
    try:
        cascade_target(
            target=found, by=here.viewer, revision=stated_revision(request), parts=_parts(rows)
        )
    except Stale as stale:
        return told_apart(request, stale.current, back=request.get_full_path())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(request.get_full_path())
    messages.success(request, _("The goal is split."))
    return redirect(goal_url(found, here))


def _parts(rows: Sequence[PartRow]) -> list[Part]:
    return [
        Part(**credit_of(row.part.scope), value=row.value, revision=row.revision)  # type: ignore[arg-type] # teams and people by their names
        for row in rows
        if row.value is not None
    ]


def _row(part: Share, kpi: Kpi, here: Look) -> PartRow:
    goal = part.goal
    return PartRow(
        part=part,
        name=f"part-{part.scope.code}",
        last_year=written(part.last_year, kpi.unit, here.style),
        share="" if part.share is None else share(part.share, here.style),
        before="" if goal is None else written(goal.value, kpi.unit, here.style),
        typed=typed(part.value, kpi.unit, language=here.style.language),
        revision=goal.revision if goal else 0,
        value=part.value,
    )


def _read(rows: Sequence[PartRow], kpi: Kpi, request: HttpRequest) -> None:
    """Take over what was typed; an empty field leaves its part out."""
    for row in rows:
        row.typed = request.POST.get(row.name, "").strip()
        stated = request.POST.get(f"revision-{row.part.scope.code}", "0")
        row.revision = int(stated) if stated.isdecimal() and len(stated) < 10 else 0
        row.value, row.error = _number(row.typed, kpi)


def _number(text: str, kpi: Kpi) -> tuple[Decimal | None, str]:
    if not text:
        return None, ""
    try:
        value = read_number(text, kpi.unit)
    except ValidationError as error:
        return None, " ".join(error.messages)
    return (value, "") if value >= 0 else (None, _("Enter a value of zero or more."))


def _page(
    request: HttpRequest,
    found: Target,
    kpi: Kpi,
    rows: Sequence[PartRow],
    here: Look,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    total = sum((row.value or Decimal(0) for row in rows), Decimal(0))
    adds_up = kpi.basis().is_additive
    context: dict[str, Any] = {
        "goal": found,
        "title": title_of(found),
        "rows": rows,
        "adds_up": adds_up,
        "target": exact(found.value, kpi.unit, here.style),
        "total": exact(total, kpi.unit, here.style),
        "apart": exact(abs(total - found.value), kpi.unit, here.style)
        if adds_up and total != found.value
        else "",
        "back": goal_url(found, here),
    }
    return render(request, "dashboards/goals/split.html", context, status=status)
