"""The frame around every page: pickers are plain links that keep the rest of the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import RequestFactory

from dashboards.frame import Frame, Link

if TYPE_CHECKING:
    from accounts.models import User
    from tests.cast import Cast


def framed(viewer: User, address: str = "/") -> Frame:
    request = RequestFactory().get(address)
    request.user = viewer
    return Frame(request)


def seen(links: list[Link]) -> list[tuple[str, int, bool]]:
    return [(str(link.label), link.depth, link.current) for link in links]


def test_an_executive_picks_from_the_whole_tree(cast: Cast) -> None:
    assert seen(framed(cast.eunji).scopes) == [
        ("Whole company", 0, True),
        ("Busan", 1, False),
        ("Busan-1", 2, False),
        ("Seoul", 1, False),
        ("Seoul-1", 2, False),
        ("Seoul-2", 2, False),
    ]


def test_a_lead_picks_from_their_branch_and_a_rep_from_nothing(cast: Cast) -> None:
    assert seen(framed(cast.rho).scopes) == [
        ("Seoul", 0, True),
        ("Seoul-1", 1, False),
        ("Seoul-2", 1, False),
    ]
    assert framed(cast.minsu).scopes == []
    assert framed(cast.minsu).scope_label == "Minsu"


def test_arrows_move_the_period_and_keep_the_rest(cast: Cast) -> None:
    frame = framed(cast.eunji, "/?period=2026-Q4&scope=team:seoul&page=2")

    assert frame.period_label == "Q4 2026"
    assert frame.earlier == "?period=2026-Q3&scope=team%3Aseoul"
    assert frame.later == "?period=2027-Q1&scope=team%3Aseoul"


def test_the_menu_marks_the_period_that_the_address_names(cast: Cast) -> None:
    groups = framed(cast.eunji, "/?period=last-month").periods
    marked = [str(link.label) for group in groups for link in group.links if link.current]

    assert marked == ["Last month"]


def test_navigation_carries_the_bar_along(cast: Cast) -> None:
    links = framed(cast.sam, "/?period=2026-Q3&sort=name").navigation

    settings = ["/outbox/", "/recomputation/", "/admin/"]
    assert [link.url for link in links if "period" not in link.url] == settings
    assert all(link.url.endswith("?period=2026-Q3") for link in links[: -len(settings)])


def test_the_past_is_told_by_what_is_known_today_or_was_known_then(cast: Cast) -> None:
    today = framed(cast.eunji, "/?as_of=2026-01-31&page=2")
    then = framed(cast.eunji, "/?known_at=2026-01-31&as_of=2026-01-31")

    assert today.known_words == "by what is known today"
    assert [link.current for link in today.knowledge] == [True, False]
    assert today.knowledge[1].url == "/?as_of=2026-01-31&page=2&known_at=2026-01-31"
    assert then.known_words == "as it was known then"
    assert then.knowledge[0].url == "/?as_of=2026-01-31"
    later = framed(cast.eunji, "/?known_at=2026-02-28&as_of=2026-01-31")
    assert later.known_words == "as it was known on Feb. 28, 2026"
    kept = [(each.known_text, each.is_known_then) for each in (today, then, later)]
    assert kept == [("", False), ("2026-01-31", True), ("2026-02-28", False)]
    assert framed(cast.eunji).knowledge == []
