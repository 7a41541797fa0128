"""What the frame around every page shows: the rail, and the bar's pickers as plain links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.scope import COMPANY, reach, visible_teams
from accounts.selection import Compare, Selection, selection
from charts.theme import palette_json
from dashboards.navigation import current_entry, entries_for
from periods import NAMED
from periods.labels import label, named_label

PERIOD_GROUPS = (
    (_("Month"), ("this-month", "last-month", "next-month", "month-to-date")),
    (_("Quarter"), ("this-quarter", "last-quarter", "next-quarter", "quarter-to-date")),
    (_("Year"), ("this-half", "this-year", "last-year", "year-to-date")),
    (_("Last days"), ("last-7-days", "last-30-days", "last-90-days", "last-12-months")),
)
COMPARISONS = {
    Compare.YEAR: _("vs last year"),
    Compare.PREVIOUS: _("vs previous period"),
    Compare.NOTHING: _("No comparison"),
}


@dataclass(frozen=True)
class Link:
    """A choice of a menu; `depth` indents it."""

    label: Any
    url: str
    current: bool = False
    icon: str = ""
    depth: int = 0
    hint: str = ""
    on_phones: bool = True


@dataclass(frozen=True)
class Group:
    """Choices of a menu under one title."""

    label: Any
    links: list[Link]


class Frame:
    """The frame of one request; each part is worked out when the template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        if not isinstance(request.user, User):
            raise TypeError("The frame belongs to a signed-in person.")
        self.request = request
        self.viewer = request.user
        self.language = get_language() or "en"

    @cached_property
    def selection(self) -> Selection:
        return selection(self.request)

    def _to(self, **changes: str) -> str:
        """This page with another choice; a page number of the old list would mislead."""
        query = self.request.GET.copy()
        query.pop("page", None)
        query.pop("cursor", None)
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}"

    @cached_property
    def navigation(self) -> list[Link]:
        entries = entries_for(self.viewer)
        match = self.request.resolver_match
        current = current_entry(entries, match.view_name if match else "")
        bar = self.selection.query()
        return [
            Link(
                entry.name,
                entry.url + ("" if entry.permission else bar),
                entry is current,
                entry.icon,
                on_phones=entry.on_phones,
            )
            for entry in entries
        ]

    @cached_property
    def scope_label(self) -> str:
        return self.selection.scope.label

    @cached_property
    def scopes(self) -> list[Link]:
        """The company and the tree of teams, as far as the viewer sees them."""
        everything = reach(self.viewer).everything
        links = [self._scope_link(_("Whole company"), COMPANY.code, 0)] if everything else []
        return links + self._branches(_by_parent(visible_teams(self.viewer)), None, int(everything))

    def _branches(
        self, teams: dict[int | None, list[Team]], parent: int | None, depth: int
    ) -> list[Link]:
        links: list[Link] = []
        for team in teams.get(parent, []):
            links.append(self._scope_link(team.name, f"team:{team.slug}", depth))
            links.extend(self._branches(teams, team.pk, depth + 1))
        return links

    def _scope_link(self, name: Any, code: str, depth: int) -> Link:
        current = code == self.selection.scope.code
        return Link(name, self._to(scope=code), current, depth=min(depth, 3))

    @cached_property
    def period_label(self) -> str:
        return label(self.selection.period, self.language)

    @cached_property
    def period_name(self) -> str:
        """ "This quarter" where the URL names a moving period; else ""."""
        code = self.selection.period_code
        return named_label(code, self.language) if code in NAMED else ""

    @cached_property
    def earlier(self) -> str:
        return self._to(period=self.selection.period.previous().code)

    @cached_property
    def later(self) -> str:
        return self._to(period=self.selection.period.next().code)

    @cached_property
    def periods(self) -> list[Group]:
        return [
            Group(title, [self._period_link(code) for code in codes])
            for title, codes in PERIOD_GROUPS
        ]

    def _period_link(self, code: str) -> Link:
        current = code == self.selection.period_code
        return Link(named_label(code, self.language), self._to(period=code), current)

    @cached_property
    def comparisons(self) -> list[Link]:
        chosen = self.selection.compare
        return [
            Link(text, self._to(compare=code), code is chosen) for code, text in COMPARISONS.items()
        ]

    @cached_property
    def compare_label(self) -> Any:
        return COMPARISONS[self.selection.compare]

    @cached_property
    def as_of_day(self) -> date:
        """The day that is looked at: today, unless the page looks back."""
        return self.selection.period.calendar.business_day(self.selection.at)

    @cached_property
    def as_of_words(self) -> str:
        """The day looked back to, or the instant where it is not a day's end."""
        return self._day_or_instant(self.selection.as_of or self.selection.at)

    def _day_or_instant(self, instant: datetime) -> str:
        calendar = self.selection.period.calendar
        day = calendar.business_day(instant)
        if instant == calendar.end_of(day):
            return date_format(day, "DATE_FORMAT")
        return date_format(localtime(instant), "DATETIME_FORMAT")

    @cached_property
    def known_words(self) -> str:
        """By what is known when the past is told."""
        chosen = self.selection
        if chosen.known_at is None:
            return gettext("by what is known today")
        if chosen.known_at == chosen.as_of:
            return gettext("as it was known then")
        return gettext("as it was known on %(day)s") % {
            "day": self._day_or_instant(chosen.known_at)
        }

    @cached_property
    def knowledge(self) -> list[Link]:
        """By what is known today, or was known then; no choice at the present."""
        if self.selection.as_of is None:
            return []
        then = self.selection.known_at is not None
        return [
            Link(_("By what is known today"), self._looked_back(known_then=False), not then),
            Link(_("As it was known then"), self._looked_back(known_then=True), then),
        ]

    def _looked_back(self, *, known_then: bool) -> str:
        query = self.request.GET.copy()
        query["as_of"] = str(query.get("as_of") or query.get("known_at", ""))
        query.pop("known_at", None)
        if known_then:
            query["known_at"] = str(query["as_of"])
        return f"{self.request.path}?{query.urlencode()}"

    @cached_property
    def kept(self) -> list[tuple[str, str]]:
        """What the form that chooses a day keeps of the address."""
        dropped = {"as_of", "known_at", "page", "cursor"}
        stated = self.request.GET.dict()
        return [(name, str(text)) for name, text in stated.items() if name not in dropped]

    @cached_property
    def known_text(self) -> str:
        """What the form that chooses a day says of when things were known; it goes along with a
        day that it is, or would be, behind (as_of.js)."""
        return str(self.request.GET.get("known_at", "")) if self.selection.known_at else ""

    @cached_property
    def is_known_then(self) -> bool:
        return (
            self.selection.known_at is not None and self.selection.known_at == self.selection.as_of
        )

    @cached_property
    def back_to_now(self) -> str:
        return self._without("as_of", "known_at")

    def _without(self, *names: str) -> str:
        query = self.request.GET.copy()
        for name in names:
            query.pop(name, None)
        return f"{self.request.path}?{query.urlencode()}"

    @cached_property
    def structures(self) -> list[Link]:
        """Whose teams tell the past: those of each day, or today's."""
        present = self.selection.structure == "present"
        return [
            Link(_("Teams as they were"), self._without("structure"), not present),
            Link(_("Teams as they are today"), self._to(structure="present"), present),
        ]

    @cached_property
    def palettes(self) -> SafeString:
        """The colours of charts by role, light and dark."""
        return mark_safe(palette_json())  # noqa: S308 # our own constants, nothing to escape


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `frame`, worked out only by templates that show it."""
    return {"frame": SimpleLazyObject(lambda: Frame(request))}


def _by_parent(teams: list[Team]) -> dict[int | None, list[Team]]:
    """Teams below each team; one whose parent is out of sight stands at the top."""
    seen = {team.pk for team in teams}
    found: dict[int | None, list[Team]] = {}
    for team in teams:
        parent = team.parent_id if team.parent_id in seen else None
        found.setdefault(parent, []).append(team)
    return found
