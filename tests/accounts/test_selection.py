"""What a page looks at follows from its query string alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import QueryDict

from accounts.selection import Compare, Selection, select
from tests.cast import seoul

if TYPE_CHECKING:
    from accounts.models import User
    from tests.cast import Cast

NOW = seoul(2026, 11, 22, 10)


def chosen(query: str, viewer: User) -> Selection:
    return select(QueryDict(query), viewer, at=NOW)


def test_starts_with_this_quarter_of_the_viewers_own_against_last_year(cast: Cast) -> None:
    selection = chosen("", cast.lee)

    assert selection.scope.code == "team:seoul-1"
    assert selection.period.code == "2026-Q4"
    assert selection.compare is Compare.YEAR


def test_reads_scope_period_and_comparison(cast: Cast) -> None:
    selection = chosen("scope=team:busan&period=2026-10&compare=previous", cast.eunji)

    assert selection.scope.code == "team:busan"
    assert selection.period.start == date(2026, 10, 1)
    assert selection.compare is Compare.PREVIOUS


def test_only_what_the_address_stated_travels_on(cast: Cast) -> None:
    assert chosen("", cast.minsu).query() == ""
    assert chosen("period=last-month&page=3", cast.minsu).query() == "?period=last-month"
    assert chosen("period=2026", cast.minsu).query(period="2025") == "?period=2025"


@pytest.mark.parametrize("query", ["period=soon", "scope=galaxy", "compare=everything"])
def test_refuses_what_it_cannot_read(cast: Cast, query: str) -> None:
    with pytest.raises(BadRequest, match=query.partition("=")[2]):
        chosen(query, cast.eunji)


def test_refuses_a_scope_of_others(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        chosen("scope=team:busan", cast.lee)
