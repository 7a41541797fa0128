"""The palette finds what a person may see, names that begin so first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.models import Lead
from tests.cast import make_customer, make_deal, seoul

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.pipeline.pages.conftest import Ask


def labels(response: Any) -> list[str]:
    return [each["label"] for each in response.json()["results"]]


def test_deals_customers_and_leads_are_found(cast: Cast, get: Ask) -> None:
    hanbit = make_customer("한빛소프트", owner=cast.minsu)
    deal = make_deal(cast, cast.minsu, 2, name="한빛 ERP", customer=hanbit)
    lead = Lead.objects.create(
        owner=cast.minsu, company_name="새한빛", created_at=seoul(2026, 3, 2)
    )

    found = get(cast.minsu, "/search/", q="한빛").json()["results"]

    assert found == [
        {"label": "한빛소프트", "hint": "Customer", "url": f"/customers/{hanbit.pk}/"},
        {
            "label": "한빛 ERP",
            "hint": "Deal · Identify the problem · 한빛소프트",
            "url": f"/deals/{deal.pk}/",
        },
        {"label": "새한빛", "hint": "Lead · New", "url": f"/leads/{lead.pk}/"},
    ]


def test_names_that_begin_so_come_first_whatever_their_case(cast: Cast, get: Ask) -> None:
    for name in ("Big acme deal", "ACME renewal", "Acme"):
        make_deal(cast, cast.minsu, 2, name=name)

    assert labels(get(cast.minsu, "/search/", q="acme")) == [
        "Acme",
        "ACME renewal",
        "Big acme deal",
    ]


def test_others_work_is_not_found(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.bora, 2, name="Acme", customer=make_customer("Acme"))

    assert labels(get(cast.minsu, "/search/", q="acme")) == []
    assert labels(get(cast.park, "/search/", q="acme")) == ["Acme", "Acme"]


def test_at_most_eight_of_each_kind(cast: Cast, get: Ask) -> None:
    for number in range(12):
        make_deal(cast, cast.minsu, 2, name=f"Acme {number}")

    assert len(labels(get(cast.minsu, "/search/", q="acme"))) == 8


def test_one_letter_or_a_pattern_s_sign_finds_nothing(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2, name="Acme")

    assert labels(get(cast.minsu, "/search/", q="a")) == []
    assert labels(get(cast.minsu, "/search/", q="%%")) == []


def test_a_nul_in_what_is_sought_is_passed_over(cast: Cast, get: Ask) -> None:
    make_customer("한빛", owner=cast.minsu)

    assert labels(get(cast.minsu, "/search/", q="한\0빛")) == ["한빛"]
    assert "한빛" in get(cast.minsu, "/customers/options/", q="\0한").content.decode()
