"""What lists share: their frame, their order, their pages, and lines for files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language

from accounts.roles import Permission, allowed
from accounts.selection import BAR
from pipeline.forms.filters import FilterForm
from pipeline.views.asking import viewer_of

ROWS = 50
MOST_COUNTED = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg] # generic for the type checker alone
    """Pages of a list that may be huge: no page lies further in than people would go."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, as far as they are counted."""
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by()[:MOST_COUNTED].count()


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    """The page that the query string names; the nearest one where it names none."""
    return CappedPaginator(rows, ROWS).get_page(request.GET.get("page"))


def list_context(
    request: HttpRequest,
    page: Page[Any],
    filters: FilterForm,
    *,
    name: str,
    title: str,
    new: tuple[str, str],
    keep: Collection[str] = (),
) -> dict[str, Any]:
    """What pipeline/parts/list_page.html shows of any list.

    `new` names the view that adds a row, and says so; `keep` the parameters that filters carry
    along beside the bar's and the order.
    """
    view, text = new
    kept_in_url = (*BAR, *keep, "sort")
    may_add = allowed(viewer_of(request), Permission.WORK_DEALS)
    return {
        "name": name,
        "title": title,
        "page": page,
        "filters": filters,
        "kept": [(kept, request.GET[kept]) for kept in kept_in_url if request.GET.get(kept)],
        "new_url": reverse(view) if may_add else "",
        "new_text": text,
    }


def ordered(
    request: HttpRequest,
    rows: QuerySet[Any],
    sorts: Mapping[str, str],
    default: str,
    *,
    reverse: Collection[str] = (),
) -> QuerySet[Any]:
    """Rows in the order of `sort` ("amount", "-amount"), what is not known last."""
    key = request.GET.get("sort", "")
    name = key.removeprefix("-")
    if name not in sorts:
        return rows.order_by(default)
    descending = key.startswith("-") is not (name in reverse)
    field = F(sorts[name])
    first = field.desc(nulls_last=True) if descending else field.asc(nulls_last=True)
    return rows.order_by(first, "-pk")


def as_now(lines: Iterator[Any]) -> Iterator[Any]:
    """Lines made later, while a file is sent, in the language and time zone of this moment."""
    language, zone = get_language() or "en", timezone.get_current_timezone()

    def made() -> Iterator[Any]:
        while True:
            with translation.override(language), timezone.override(zone):
                line = next(lines, None)
            if line is None:
                return
            yield line

    return made()


def local(instant: datetime | None) -> datetime | None:
    """An instant in the person's own time zone, as a spreadsheet should show it."""
    return None if instant is None else timezone.localtime(instant)
