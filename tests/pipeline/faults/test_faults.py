"""Data faults: which rows have them, who sees them, and how they are mended."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from accounts.models import User
from history import as_recorded_at
from kpis.registry import all_kpis
from pipeline.faults import FAULTS, Moment, counts, found
from pipeline.faults.mends import MENDS
from pipeline.models import Customer, Deal, Lead, Rate, Source
from tests.cast import make_customer, make_deal, seoul

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tests.cast import Cast

NOW = seoul(2026, 6, 1, 12)
PAGE_QUERIES = 12


def sound(cast: Cast, owner: User, **fields: Any) -> Deal:
    """An open deal without any fault."""
    customer = Customer.objects.filter(name="Whole").first() or make_customer(
        name="Whole", industry="Energy", size_band="large", region="Seoul"
    )
    whole = {"customer": customer, "amount": 10, "expected_close": date(2099, 1, 1)}
    whole |= {"created_at": seoul(2026, 1, 5), "stage_since": seoul(2026, 1, 5)}
    with as_recorded_at(seoul(2026, 1, 5)):
        return make_deal(cast, owner, **{**whole, **fields})


def has(viewer: User) -> dict[str, int]:
    """The faults of the rows that somebody sees, with how many rows each."""
    return {key: n for key, n in counts(FAULTS, viewer, Moment.of(NOW)).items() if n}


def test_a_sound_deal_has_no_fault(cast: Cast) -> None:
    sound(cast, cast.minsu)
    assert has(cast.eunji) == {}


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"expected_close": date(2026, 5, 31)}, "deal-overdue"),
        ({"expected_close": None}, "deal-without-close"),
        ({"amount": None}, "deal-without-amount"),
        ({"customer": None}, "deal-without-customer"),
        ({"created_at": None}, "deal-without-creation"),
        ({"stage_since": None}, "deal-without-history"),
        ({"team": None}, "deal-without-team"),
        ({"currency": "USD"}, "deal-without-rate"),
    ],
)
def test_what_an_open_deal_lacks_is_a_fault(cast: Cast, fields: dict[str, Any], fault: str) -> None:
    sound(cast, cast.minsu, **fields)
    assert has(cast.eunji) == {fault: 1}


def test_a_close_today_is_not_overdue(cast: Cast) -> None:
    sound(cast, cast.minsu, expected_close=date(2026, 6, 1))
    assert has(cast.eunji) == {}


def test_deals_of_people_who_left(cast: Cast) -> None:
    sound(cast, cast.minsu)
    User.objects.filter(pk=cast.minsu.pk).update(is_active=False)
    assert has(cast.eunji) == {"deal-owner-left": 1}


def test_a_cycle_is_negative_by_business_days(cast: Cast) -> None:
    won = next(stage for stage in cast.stages if stage.outcome == "won")
    fields = {"stage": won, "outcome": won.outcome}
    sound(cast, cast.minsu, **fields, created_at=seoul(2026, 2, 5, 18), closed_at=seoul(2026, 2, 5))
    late = sound(
        cast, cast.minsu, **fields, created_at=seoul(2026, 2, 6), closed_at=seoul(2026, 2, 5)
    )
    _fault, rows = found("deal-closed-early", cast.eunji, Moment.of(NOW))
    assert list(rows) == [late]


def test_a_rate_lasts_seven_days(cast: Cast) -> None:
    sound(cast, cast.minsu, currency="USD")
    Rate.objects.create(currency="USD", day=date(2026, 5, 25), price=Decimal(1390))
    assert has(cast.eunji) == {}
    Rate.objects.update(day=date(2026, 5, 24))
    assert has(cast.eunji) == {"deal-without-rate": 1}


def test_leads_and_customers_have_faults_of_their_own(cast: Cast) -> None:
    web = Source.objects.create(slug="web", name="Web")
    day = seoul(2026, 3, 2)
    mine = {"team": cast.teams["seoul-1"], "created_at": day}
    Lead.objects.create(source=web, **mine)
    Lead.objects.create(owner=cast.minsu, **mine)
    Lead.objects.create(
        owner=cast.minsu, source=web, status="converted", converted_at=seoul(2026, 3, 1), **mine
    )
    make_customer(name="Bare", owner=cast.minsu)
    assert has(cast.eunji) == {
        "lead-without-owner": 1,
        "lead-without-source": 1,
        "lead-without-deal": 1,
        "lead-converted-early": 1,
        "customer-without-segments": 1,
    }


def test_everybody_sees_the_faults_of_their_own_rows(cast: Cast) -> None:
    for owner in (cast.minsu, cast.jiwoo, cast.bora):
        sound(cast, owner, amount=None)
    seen = {user: has(user).get("deal-without-amount", 0) for user in (cast.minsu, cast.lee)}
    assert seen == {cast.minsu: 1, cast.lee: 2}
    assert has(cast.finn) == has(cast.eunji) == {"deal-without-amount": 3}


def test_faults_name_kpis_and_fields_that_there_are() -> None:
    assert len({fault.key for fault in FAULTS}) == len(FAULTS)
    for fault in FAULTS:
        assert set(fault.mends) <= set(MENDS)
        assert set(fault.left_out_of) <= set(all_kpis())


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def chosen(*deals: Deal) -> list[str]:
    return [f"{deal.pk}:{deal.revision}" for deal in deals]


def test_the_page_lists_what_there_is_and_what_not(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(3):
        sound(cast, cast.minsu, amount=None)
    client = sign_in(cast.eunji)
    with django_assert_max_num_queries(PAGE_QUERIES):
        page = client.get("/faults/")
    assert [(fault.key, number) for fault, number in page.context["some"]] == [
        ("deal-without-amount", 3)
    ]
    with django_assert_max_num_queries(PAGE_QUERIES):
        rows = client.get("/faults/deal-without-amount/")
    assert len(rows.context["rows"]) == 3
    assert client.get("/faults/nothing/").status_code == 404


def test_amounts_are_read_in_their_own_currency(cast: Cast) -> None:
    overdue = {"expected_close": date(2026, 1, 10)}
    sound(cast, cast.minsu, amount=Decimal(11_790_000), **overdue)
    sound(cast, cast.minsu, amount=Decimal(9_600), currency="USD", **overdue)
    sound(cast, cast.minsu, amount=None, **overdue)

    page = sign_in(cast.eunji).get("/faults/deal-overdue/").content.decode()

    assert "11790000.00" not in page
    assert "$9,600" in page


def test_the_rows_are_a_file_too(cast: Cast) -> None:
    sound(cast, cast.minsu, name="Grid", amount=None)
    response = sign_in(cast.eunji).get("/faults/deal-without-amount/", {"export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines()[1].startswith("Grid,Whole,")


def test_chosen_rows_are_mended_at_once_and_that_is_taken_back(cast: Cast) -> None:
    overdue = [sound(cast, cast.minsu, expected_close=date(2026, 1, n)) for n in (10, 11, 12)]
    client = sign_in(cast.minsu)
    sent = {"field": "expected_close", "expected_close": "2099-03-01"}
    answer = client.post(
        "/faults/deal-overdue/", {**sent, "chosen": chosen(*overdue[:2])}, follow=True
    )
    days = [Deal.objects.get(pk=deal.pk).expected_close for deal in overdue]
    assert days == [date(2099, 3, 1), date(2099, 3, 1), date(2026, 1, 12)]

    (note,) = answer.context["messages"]
    undo = json.loads(note.extra_tags)
    back = client.post(undo["url"], undo["body"], content_type="application/json")
    assert back.status_code == 200
    days = [Deal.objects.get(pk=deal.pk).expected_close for deal in overdue]
    assert days == [date(2026, 1, 10), date(2026, 1, 11), date(2026, 1, 12)]


def test_a_stale_row_or_anothers_mends_nothing(cast: Cast) -> None:
    mine = sound(cast, cast.minsu, expected_close=date(2026, 1, 10))
    hers = sound(cast, cast.bora, expected_close=date(2026, 1, 10))
    client = sign_in(cast.minsu)
    sent = {"field": "expected_close", "expected_close": "2099-03-01"}
    stale = client.post("/faults/deal-overdue/", {**sent, "chosen": [f"{mine.pk}:7"]})
    other = client.post("/faults/deal-overdue/", {**sent, "chosen": chosen(mine, hers)})
    assert (stale.status_code, other.status_code) == (409, 404)
    assert set(Deal.objects.values_list("expected_close", flat=True)) == {date(2026, 1, 10)}


def test_a_lead_gives_the_deals_of_one_who_left_to_another(cast: Cast) -> None:
    deal = sound(cast, cast.jiwoo)
    User.objects.filter(pk=cast.jiwoo.pk).update(is_active=False)
    sent = {"field": "owner", "owner": cast.minsu.pk, "chosen": chosen(deal)}
    assert sign_in(cast.minsu).post("/faults/deal-owner-left/", sent).status_code == 404
    sign_in(cast.lee).post("/faults/deal-owner-left/", sent)
    assert Deal.objects.get().owner == cast.minsu


def test_creation_is_dated_once_and_not_after_the_close(cast: Cast) -> None:
    deal = sound(cast, cast.minsu, created_at=None)
    client = sign_in(cast.minsu)
    body = {"field": "created_at", "created_at": "2098-01-01", "chosen": chosen(deal)}
    client.post("/faults/deal-without-creation/", body)
    assert Deal.objects.get().created_at is None
    client.post("/faults/deal-without-creation/", {**body, "created_at": "2026-01-02"})
    assert Deal.objects.get().created_at == seoul(2026, 1, 2)


def test_finance_enters_the_missing_price(cast: Cast) -> None:
    deal = sound(cast, cast.minsu, currency="USD")
    body = {"field": "price", "price": "1390.5", "chosen": chosen(deal)}
    assert sign_in(cast.minsu).post("/faults/deal-without-rate/", body).status_code == 404
    done = sign_in(cast.finn).post("/faults/deal-without-rate/", body, follow=True)
    assert [str(note) for note in done.context["messages"]] == ["1 row mended"]
    assert Rate.objects.get().price == Decimal("1390.5")


def test_the_api_tells_faults_and_their_rows(cast: Cast) -> None:
    deal = sound(cast, cast.minsu, amount=None)
    client = sign_in(cast.minsu)
    listed = {fault["key"]: fault for fault in client.get("/api/v1/faults/").json()}
    assert listed["deal-without-amount"]["count"] == 1
    assert listed["deal-overdue"]["mends"] == ["expected_close"]
    page = client.get("/api/v1/faults/deal-without-amount/").json()
    assert [row["id"] for row in page["results"]] == [deal.pk]


def test_an_explained_figure_names_the_rows_that_it_leaves_out(cast: Cast) -> None:
    sound(cast, cast.minsu, amount=None)
    page = sign_in(cast.eunji).get("/explain/open_pipeline/")
    assert 'href="/faults/deal-without-amount/"' in page.content.decode()
