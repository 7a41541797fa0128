"""Deals through the API: finding and paging."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pipeline.models import Source
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.pipeline.api.conftest import DEALS, As


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("scope=team:seoul", ["A", "B"]),
        ("scope=team:busan", ["C"]),
        ("team=seoul-1", ["A", "B"]),
        ("team=seoul", ["A", "B"]),
        ("team=nowhere", []),
        ("stage={second}", ["B"]),
        ("outcome=open", ["A", "B"]),
        ("outcome=open&outcome=won", ["A", "B", "C"]),
        ("kind=renewal", ["B"]),
        ("source=web", ["A"]),
        ("industry=Manufacturing", ["A"]),
        ("size=small", []),
        ("region=Seoul", ["A"]),
        ("created=2026-02", ["B"]),
        ("closed=2026-Q1", ["C"]),
        ("closing=2026-03-31..2026-03-31", ["A"]),
        ("rep={bora}", ["C"]),
        ("search=hanbit", ["A"]),
        ("ordering=-created_at", ["B", "C", "A"]),
    ],
)
def test_filters(cast: Cast, as_: As, query: str, found: list[str]) -> None:
    web = Source.objects.create(slug="web", name="Web")
    make_deal(
        cast,
        cast.minsu,
        name="A",
        customer=make_customer(),
        source=web,
        expected_close="2026-03-31",
    )
    make_deal(cast, cast.jiwoo, 2, name="B", kind="renewal", created_at=seoul(2026, 2, 1))
    make_deal(cast, cast.bora, cast.won, name="C")
    query = query.format(second=cast.stages[1].pk, bora=cast.bora.pk)
    rows = as_(cast.eunji).get(f"{DEALS}?{query}").json()["results"]
    assert [row["name"] for row in rows] == found


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("scope=team:busan", 403, None),
        ("scope=company", 403, None),
        ("scope=nonsense", 400, "scope"),
        ("closed=2026-Q9", 400, "closed"),
        ("closed=%25d", 400, "closed"),
        ("kind=barter", 400, "kind"),
        ("rep=99999999999999999999999", 400, "rep"),
        ("industry=%00", 400, "industry"),
        ("ordering=owner__password", 400, "ordering"),
        ("cursor=forged", 400, "cursor"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_with_its_name(
    cast: Cast, as_: As, query: str, status: int, field: str | None
) -> None:
    answer = as_(cast.minsu).get(f"{DEALS}?{query}")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert field is None or field in answer.json()["errors"]


def test_pages_neither_skip_nor_repeat(cast: Cast, as_: As) -> None:
    for number in range(7):
        closed = {"closed_at": seoul(2026, 2, number // 2 + 1)} if number else {}
        make_deal(cast, cast.minsu, cast.won if number else 1, name=str(number), **closed)
    for ordering in ("closed_at", "-closed_at", "id", "-id"):
        forward = walk(as_(cast.minsu), f"{DEALS}?page_size=2&ordering={ordering}", "next")
        assert sorted(name for page in forward for name in page) == list("0123456")
        assert [len(page) for page in forward] == [2, 2, 2, 1]


def test_pages_go_back_the_way_they_came(cast: Cast, as_: As) -> None:
    for number in range(5):
        make_deal(cast, cast.minsu, name=str(number))
    client = as_(cast.minsu)
    first = client.get(f"{DEALS}?page_size=2").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert (first["previous"], third["next"]) == (None, None)
    assert client.get(third["previous"]).json()["results"] == second["results"]
    assert client.get(second["previous"]).json()["results"] == first["results"]


def walk(client: Any, url: str | None, direction: str) -> list[list[str]]:
    pages = []
    while url:
        page = client.get(url).json()
        pages.append([row["name"] for row in page["results"]])
        url = page[direction]
    return pages


def test_a_list_costs_as_many_queries_for_many_as_for_few(cast: Cast, as_: As) -> None:
    client, counts = as_(cast.minsu), []
    for number in range(2):
        for name in range(1 + 10 * number):
            make_deal(cast, cast.minsu, customer=make_customer(str(name)))
        with CaptureQueriesContext(connection) as queries:
            rows = client.get(DEALS).json()["results"]
        counts.append((len(rows), len(queries)))
    assert counts[0][0] == 1
    assert counts[1][0] == 12
    assert counts[0][1] == counts[1][1] <= 9
