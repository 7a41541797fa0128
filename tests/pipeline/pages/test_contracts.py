"""Contracts: finance writes them on pages, whoever sees the customer reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipeline.models import Contract
from tests.cast import Cast, make_customer, make_deal
from tests.pipeline.pages.conftest import Ask

TERM = {
    "plan": "Gold",
    "start": "2026-01-01",
    "end": "2027-01-01",
    "value": "1200",
    "currency": "KRW",
    "billing": "recurring",
    "schedule": "delivery",
    "delivered_on": "2026-03-01",
}


def test_finance_enters_a_contract_and_corrects_it(cast: Cast, send: Ask, get: Ask) -> None:
    hanbit = make_customer()
    deal = make_deal(cast, cast.minsu, cast.won, customer=hanbit)
    address = f"/customers/{hanbit.pk}/contracts/new/"
    assert send(cast.finn, address, **TERM, deal=deal.pk).status_code == 302
    made = Contract.objects.get()
    assert (made.customer, made.owner, made.team) == (hanbit, cast.minsu, cast.teams["seoul-1"])
    assert made.value == Decimal(1200)
    assert (made.schedule, made.delivered_on) == ("delivery", date(2026, 3, 1))

    changed = {**TERM, "value": "1300", "deal": deal.pk}
    address = f"/contracts/{made.pk}/edit/"
    assert send(cast.finn, address, **changed, revision=made.revision).status_code == 302
    made.refresh_from_db()
    assert made.value == Decimal(1300)
    assert send(cast.finn, address, **TERM, revision=1).status_code == 409
    assert "New contract" in get(cast.finn, f"/customers/{hanbit.pk}/").content.decode()


def test_what_cannot_be_is_said_at_its_field(cast: Cast, send: Ask) -> None:
    address = f"/customers/{make_customer().pk}/contracts/new/"
    for wrong in (
        {**TERM, "end": "2025-01-01"},
        {**TERM, "value": ""},
        {**TERM, "auto_renew": "on", "term_months": ""},
        {**TERM, "deal": "999999"},
    ):
        assert send(cast.finn, address, **wrong).status_code == 422
    assert not Contract.objects.exists()


def test_nobody_else_does(cast: Cast, send: Ask, get: Ask) -> None:
    hanbit = make_customer()
    for person in (cast.eunji, cast.lee, cast.minsu):
        address = f"/customers/{hanbit.pk}/contracts/new/"
        assert send(person, address, **TERM).status_code == 403
    assert "New contract" not in get(cast.eunji, f"/customers/{hanbit.pk}/").content.decode()
