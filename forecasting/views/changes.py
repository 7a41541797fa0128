"""The page that says what changed in a forecast, and the line about it on other pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.selection import Selection, selection
from forecasting.change_words import Writer
from forecasting.changes import A_WEEK, call_changes, calls_between, days_before, window_asked
from forecasting.views.asking import style_here
from kpis.questions import BadQuestion
from pipeline.deal_changes import KIND_LABELS, Kind, WhatChanged, changes, what_changed
from pipeline.views.asking import viewer_of
from pipeline.waterfall import Window

PAGE, CALLS = 25, 20
FACTS = "deal rate stage submission adjustment membership team"
SINCE: Mapping[int, Any] = {
    1: gettext_lazy("Since yesterday"),
    7: gettext_lazy("Since last week"),
    28: gettext_lazy("Since four weeks ago"),
}
PAST = ("as_of", "known_at", "structure")


@dataclass(frozen=True)
class Chip:
    """A choice of what is listed, or since when."""

    label: Any
    url: str
    current: bool
    figure: str = ""


@dataclass
class Shown:
    """One request's page: what it asks for, and how it is written."""

    request: HttpRequest
    here: Selection
    window: Window
    writer: Writer

    def url(self, **changes: str) -> str:
        """This page with another choice; the pages of its lists begin anew."""
        query = {name: str(text) for name, text in self.request.GET.items()}
        chosen = {**query, **changes, "page": "", "calls": ""}
        stated = {name: text for name, text in chosen.items() if text}
        return f"{reverse('forecasting:changes')}?{urlencode(stated)}"

    def since(self) -> Iterator[Chip]:
        """The usual starts, and the period's own."""
        stated = self.request.GET.get("start", "")
        chosen = stated if stated or self.request.GET.get("end") else self._day(A_WEEK)
        for days, name in SINCE.items():
            day = self._day(timedelta(days=days))
            yield Chip(name, self.url(start=day), day == chosen)
        first = self.window.closing.start - timedelta(days=1)
        if self.window.closing.starts_at < self.window.end:
            code = first.isoformat()
            yield Chip(_("Since the period began"), self.url(start=code), code == chosen)

    def _day(self, days: timedelta) -> str:
        return days_before(self.window, days).date().isoformat()

    def kinds(self, found: WhatChanged, chosen: tuple[Kind, ...]) -> Iterator[Chip]:
        """What came up, to be looked at alone."""
        yield Chip(_("All"), self.url(kind=""), not chosen)
        for each in found.tallies:
            figure = f"{each.changes:,} · {self.writer.signed(each.value)}"
            label, is_current = KIND_LABELS[each.kind], each.kind in chosen
            yield Chip(label, self.url(kind=each.kind.value), is_current, figure)

    def files(self) -> dict[str, str]:
        """Where the lists are taken away."""
        query = {"scope": self.here.scope.code, "period": self.window.closing.code}
        names = ("start", "end", "kind", *PAST)
        query |= {name: text for name in names if (text := self.request.GET.get(name, ""))}
        calls = {name: text for name, text in query.items() if name != "kind"}
        return {
            f"{prefix}{kind}_url": f"{reverse(route)}?{urlencode({**asked, 'format': kind})}"
            for prefix, route, asked in (
                ("", "forecast-changes", query),
                ("calls_", "forecast-call-changes", calls),
            )
            for kind in ("csv", "xlsx")
        }


def shown_by(request: HttpRequest) -> Shown:
    """What a page's address asks for. BadRequest says what is wrong with it."""
    here = selection(request)
    asked = {"scope": here.scope.code, "closing": here.period.code}
    names = ("start", "end", *PAST)
    asked |= {name: text for name in names if (text := request.GET.get(name, ""))}
    try:
        window = window_asked(asked, viewer=viewer_of(request), at=here.at)
    except BadQuestion as error:
        raise BadRequest(str(error)) from error
    return Shown(request, here, window, Writer(style_here()))


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The waterfall, what happened deal by deal, and what was said."""
    shown = shown_by(request)
    window, writer, kinds = shown.window, shown.writer, _kinds(request)
    found = what_changed(window)
    most = sum(each.changes for each in found.tallies if not kinds or each.kind in kinds)
    # Counted already; only the rows of the page are read.
    listed = Paginator(range(most), PAGE).get_page(request.GET.get("page"))
    rows = changes(window, kinds, limit=PAGE, offset=PAGE * (listed.number - 1)) if most else []
    said = Paginator(calls_between(window), CALLS).get_page(request.GET.get("calls"))
    context = {
        "window": window,
        "is_until_now": window.end >= shown.here.at,
        "card": writer.card(found),
        "since": list(shown.since()),
        "kinds": list(shown.kinds(found, kinds)),
        "rows": [writer.row(each) for each in rows],
        "page": listed,
        "said": [writer.call(each) for each in call_changes(list(said))],
        "calls_page": said,
        "stated": [pair for pair in shown.here.stated if pair[0] not in ("start", "end")],
        "start_day": window.start.date(),
        "end_day": window.closing.calendar.business_day(window.end),
        "facts": FACTS,
        "here": "changes",
        **shown.files(),
    }
    inner = "HX-Request" in request.headers
    return render(
        request, "forecasting/changes_panel.html" if inner else "forecasting/changes.html", context
    )


def _kinds(request: HttpRequest) -> tuple[Kind, ...]:
    chosen = request.GET.get("kind", "")
    if chosen not in ("", *Kind):
        raise BadRequest(_("Use one of: %(choices)s.") % {"choices": ", ".join(Kind)})
    return (Kind(chosen),) if chosen else ()


@require_safe
def line(request: HttpRequest) -> HttpResponse:
    """What the last week changed, in a sentence that opens the page."""
    shown = shown_by(request)
    found = what_changed(shown.window)
    context = {"words": shown.writer.week(found), "url": shown.url()}
    return render(request, "forecasting/changes_line.html", context)
