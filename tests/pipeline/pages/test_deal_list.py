"""The deal list: what is found, what it adds up to, what is exported."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from pipeline.exports import harmless
from pipeline.models import Rate
from pipeline.totals import Total
from tests.cast import make_customer, make_deal, seoul

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.cast import Cast
    from tests.pipeline.pages.conftest import Ask

LIST_QUERIES = 16


def found(response: Any) -> list[str]:
    return [row["deal"].name for row in response.context["rows"]]


def test_the_list_holds_open_and_closed_deals_of_the_scope(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2, name="open")
    make_deal(cast, cast.minsu, cast.won, name="won")
    make_deal(cast, cast.bora, 2, name="of bora")

    assert set(found(get(cast.lee, "/deals/"))) == {"open", "won"}
    assert found(get(cast.park, "/deals/")) == ["of bora"]
    assert len(found(get(cast.finn, "/deals/"))) == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"outcome": "won"}, {"won"}),
        ({"kind": "upsell"}, {"open"}),
        ({"q": "hanbit"}, {"open"}),
        ({"closing": "period", "period": "2026-02"}, {"won"}),
        ({"closing": "period", "period": "2026-05"}, {"open"}),
        ({"closing": "overdue"}, {"open"}),
        ({"closing": "none"}, {"undated"}),
    ],
)
def test_filters_narrow_the_list(
    cast: Cast, get: Ask, query: dict[str, str], expected: set[str]
) -> None:
    hanbit = make_customer("Hanbit")
    may = date(2026, 5, 9)
    make_deal(cast, cast.minsu, 2, name="open", kind="upsell", customer=hanbit, expected_close=may)
    make_deal(cast, cast.minsu, cast.won, name="won", expected_close=may)
    make_deal(cast, cast.minsu, 1, name="undated")

    assert set(found(get(cast.minsu, "/deals/", **query))) == expected


def test_the_deals_found_are_counted_and_added_up(cast: Cast, get: Ask) -> None:
    now = timezone.now()
    Rate.objects.create(currency="USD", day=timezone.localdate(), price=1400)
    make_deal(cast, cast.minsu, 2, amount=Decimal(3_000_000))
    make_deal(cast, cast.minsu, 2, amount=Decimal(1_000), currency="USD")
    make_deal(cast, cast.minsu, cast.won, amount=Decimal(5_000_000), closed_at=now)

    totals = get(cast.lee, "/deals/").context["totals"]
    won = get(cast.lee, "/deals/", outcome="won").context["totals"]

    assert totals["whole"] == Total(3, Decimal(9_400_000))
    assert [(each.count, each.amount) for each in totals["by_outcome"]] == [
        (2, Decimal(4_400_000)),
        (1, Decimal(5_000_000)),
    ]
    assert won["whole"] == Total(1, Decimal(5_000_000))


def test_without_a_rate_the_sum_of_deals_is_not_known(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2, amount=Decimal(1_000), currency="USD")

    assert get(cast.lee, "/deals/").context["totals"]["whole"] == Total(1, None)


def test_a_column_sorts_with_what_is_not_known_last(cast: Cast, get: Ask) -> None:
    for name, amount in (("small", 1), ("unknown", None), ("big", 9)):
        make_deal(cast, cast.minsu, 2, name=name, amount=amount)

    assert found(get(cast.minsu, "/deals/", sort="-amount")) == ["big", "small", "unknown"]
    assert found(get(cast.minsu, "/deals/", sort="amount")) == ["small", "big", "unknown"]
    assert len(found(get(cast.minsu, "/deals/", sort="; drop table"))) == 3


def test_the_oldest_in_its_stage_comes_first_by_age(cast: Cast, get: Ask) -> None:
    now = timezone.now()
    make_deal(cast, cast.minsu, 2, name="new", stage_since=now)
    make_deal(cast, cast.minsu, 2, name="old", stage_since=now - timedelta(days=40))

    assert found(get(cast.minsu, "/deals/", sort="-age")) == ["old", "new"]


def test_long_lists_come_in_pages(cast: Cast, get: Ask) -> None:
    for number in range(55):
        make_deal(cast, cast.minsu, 2, name=f"deal {number}")

    assert len(found(get(cast.minsu, "/deals/"))) == 50
    assert len(found(get(cast.minsu, "/deals/", page=2))) == 5
    assert len(found(get(cast.minsu, "/deals/", page=99))) == 5, "the last page"


def test_a_csv_holds_what_is_shown_and_no_formula(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2, name="=1+1", amount=Decimal("1500.50"))
    make_deal(cast, cast.minsu, cast.won, name="won")

    file = get(cast.minsu, "/deals/", export="csv", outcome="open")
    text = b"".join(file.streaming_content).decode()
    header, line = text.removeprefix("\ufeff").splitlines()

    assert text.startswith("\ufeff"), "Excel reads Korean only behind the mark"
    assert header.startswith("Deal,Customer,Stage,Outcome,Amount,Currency")
    assert line.startswith("'=1+1,,Identify the problem,Open,1500.5,KRW")


def test_a_spreadsheet_speaks_the_person_s_language_and_time(cast: Cast, get: Ask) -> None:
    cast.minsu.language = "ko"
    cast.minsu.save()
    make_deal(cast, cast.minsu, cast.won, closed_at=seoul(2026, 3, 2, 1), amount=Decimal(7))

    file = get(cast.minsu, "/deals/", export="xlsx")
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(file.streaming_content)))
    _header, line = sheet.get_sheet_by_index(0).to_python()

    assert line[2] == "수주"
    assert line[4] == 7
    assert str(line[7]) == "2026-03-02 01:00:00"


def test_a_list_costs_the_same_queries_however_long(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.eunji)
    for number in range(20):
        make_deal(cast, cast.minsu, 2, customer=make_customer(f"Customer {number}"))

    with django_assert_max_num_queries(LIST_QUERIES):
        client.get("/deals/")


def test_wide_signs_begin_no_formula_either() -> None:
    assert [harmless(f"{sign}1+1")[0] for sign in "=+-@＝＋－＠"] == ["'"] * 8
