"""Who looks at what: everything that a panel needs to ask its questions and to show answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from accounts.models import Company, User
from accounts.roles import allowed
from accounts.scope import Scope
from accounts.selection import Compare, Selection, selection
from charts.data import Style
from kpis.declarations import Kpi
from kpis.questions import Question
from kpis.registry import all_kpis
from periods import Period


@dataclass(frozen=True)
class Look:
    """One person's look at one scope and period; `choices` are the panels' own switches."""

    viewer: User
    selection: Selection
    style: Style
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return self.selection.scope

    @property
    def period(self) -> Period:
        return self.selection.period

    @property
    def at(self) -> datetime:
        return self.selection.at

    @property
    def today(self) -> date:
        """The business day of the look."""
        return self.period.calendar.business_day(self.at)

    @property
    def compare(self) -> str:
        """As questions name the comparison; "" for none."""
        chosen = self.selection.compare
        return "" if chosen is Compare.NOTHING else str(chosen)

    def question(self, kpi: str, **changes: Any) -> Question:
        """A question about this scope and period, unless `changes` say otherwise."""
        here = {"scope": self.scope, "period": self.period, **self.past}
        return Question(**{"kpi": kpi, **here, **changes})

    @property
    def past(self) -> dict[str, Any]:
        """As of when, and by whose teams, questions are asked."""
        chosen = self.selection
        known_at, structure = chosen.known_at, chosen.structure
        return {"as_of": chosen.as_of, "known_at": known_at, "structure": structure}

    def sees(self, kpi: str) -> bool:
        """Whether the viewer may see a KPI."""
        needs = all_kpis()[kpi].needs
        return needs is None or allowed(self.viewer, needs)

    def choice(self, name: str, offered: tuple[str, ...]) -> str:
        """What a panel's switch is set to; the first that is offered unless stated."""
        chosen = self.choices.get(name, "")
        return chosen if chosen in offered else offered[0]

    def explain_url(self, kpi: Kpi, **changes: str) -> str:
        """Where a figure of this scope and period opens."""
        here = {"scope": self.scope.code, "period": self.selection.period_code}
        here |= {name: value for name, value in self.selection.stated if name in self.past}
        query = urlencode(here | {"compare": str(self.selection.compare)} | changes)
        return f"{reverse('dashboards:explain', args=[kpi.key])}?{query}"


def look(request: HttpRequest) -> Look:
    """The look of a signed-in person's request."""
    chosen = selection(request)
    if not isinstance(request.user, User):
        raise TypeError("A look belongs to a signed-in person.")
    style = Style(get_language() or "en", Company.current().currency)
    return Look(request.user, chosen, style, request.GET.dict())
