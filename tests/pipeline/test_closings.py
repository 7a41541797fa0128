"""A closed period (마감) is moved only by those who may, for a reason that is kept."""

from __future__ import annotations

from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test import Client

from pipeline.actions.closed import ReasonNeeded, because
from pipeline.actions.closings import close_period, reopen_period
from pipeline.actions.deals import edit_deal, reopen_deal
from pipeline.actions.finance import create_cost, delete_cost, edit_contract
from pipeline.actions.lines import Line, set_lines
from pipeline.changes import changes_of
from pipeline.models import Closing, Contract, Cost, Deal, LateChange, Product
from tests.cast import Cast, make_cast, make_customer, make_deal, seoul

NOW = seoul(2026, 4, 6, 9)


@pytest.fixture
def won(cast: Cast) -> Deal:
    """A deal won in February."""
    return make_deal(cast, cast.minsu, cast.won, amount=100)


@pytest.fixture
def closed(cast: Cast, won: Deal) -> Closing:
    """The first quarter is closed."""
    Cost.objects.create(kind="sales", day=seoul(2026, 3, 31).date(), amount=5)
    terms = {"start": seoul(2025, 3, 1).date(), "end": seoul(2026, 3, 1).date(), "value": 5}
    Contract.objects.create(customer=make_customer(), **terms)
    period = cast.company.calendar.parse("2026-Q1", at=NOW)
    return close_period(period=period, by=cast.sam, at=NOW)


def edit(deal: Deal, by: Any, **changes: Any) -> Deal:
    return edit_deal(deal=deal, by=by, revision=deal.revision, changes=changes)


def test_only_staff_close_and_only_what_is_over(cast: Cast) -> None:
    calendar = cast.company.calendar
    with pytest.raises(PermissionDenied):
        close_period(period=calendar.parse("2026-Q1", at=NOW), by=cast.eunji, at=NOW)
    with pytest.raises(ValidationError, match="not over"):
        close_period(period=calendar.parse("2026-Q2", at=NOW), by=cast.sam, at=NOW)


def test_a_rep_cannot_move_what_is_closed(cast: Cast, closed: Closing, won: Deal) -> None:
    with because("A typing error"), pytest.raises(PermissionDenied, match="2026-Q1 is closed"):
        edit(won, cast.minsu, amount=120)
    won.refresh_from_db()
    assert won.amount == 100


def test_an_executive_needs_a_reason_which_stays_in_the_history(
    cast: Cast, closed: Closing, won: Deal
) -> None:
    with pytest.raises(ReasonNeeded, match="Give a reason"):
        edit(won, cast.eunji, amount=120)
    with because("The order was signed for 120"):
        edit(won, cast.eunji, amount=120)
    kept = LateChange.objects.get()
    assert (kept.closing, kept.fact, kept.by) == (closed, "deal", cast.eunji)
    assert changes_of(won)[0].reason == "The order was signed for 120"


def test_taking_a_deal_up_again_or_a_cost_away_moves_it(
    cast: Cast, closed: Closing, won: Deal
) -> None:
    with pytest.raises(PermissionDenied):
        reopen_deal(deal=won, to=cast.stages[1], by=cast.minsu, revision=won.revision, at=NOW)
    cost = Cost.objects.get()
    with pytest.raises(ReasonNeeded):
        delete_cost(cost=cost, by=cast.finn, revision=cost.revision)
    fields = {"kind": "sales", "day": seoul(2026, 3, 31).date(), "amount": 5}
    with pytest.raises(ReasonNeeded):
        create_cost(by=cast.finn, fields=fields)


def test_what_a_closed_deal_sells_and_what_a_contract_is_worth_move_it_too(
    cast: Cast, closed: Closing, won: Deal
) -> None:
    line = Line(Product.objects.create(name="Box"), amount=Decimal(100))
    with pytest.raises(PermissionDenied, match="2026-Q1 is closed"):
        set_lines(deal=won, by=cast.minsu, revision=won.revision, lines=[line])
    with because("The order lists them"):
        sold = set_lines(deal=won, by=cast.eunji, revision=won.revision, lines=[line])
    assert LateChange.objects.get().fact == "dealline"
    set_lines(deal=sold, by=cast.minsu, revision=sold.revision, lines=[line])
    contract = Contract.objects.get()
    with pytest.raises(ReasonNeeded, match="Give a reason"):
        edit_contract(
            contract=contract, by=cast.finn, revision=contract.revision, changes={"value": 9}
        )


def test_a_form_asks_for_the_reason(client: Client, cast: Cast, closed: Closing, won: Deal) -> None:
    client.force_login(cast.eunji)
    product = Product.objects.create(name="Box")
    page = f"/deals/{won.pk}/lines/"
    names = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    counts = {f"form-{name}": count for name, count in zip(names, (1, 0, 0, 50), strict=True)}
    row = {"form-0-product": product.pk, "form-0-quantity": 1, "form-0-amount": 7}
    sent = {**counts, **row, "revision": won.revision}
    asked = client.post(page, sent)
    assert (asked.status_code, "closing_reason" in asked.text) == (422, True)
    told = client.post(page, {**sent, "closing_reason": "It is in\0 the order"})
    assert told.status_code == 302
    assert LateChange.objects.get().reason == "It is in the order"


def test_what_is_open_again_may_be_changed(cast: Cast, closed: Closing, won: Deal) -> None:
    reopen_period(closing=closed, by=cast.sam, at=NOW)
    assert edit(won, cast.minsu, amount=120).amount == 120


def test_over_http(client: Client, cast: Cast, won: Deal) -> None:
    client.force_login(cast.sam)
    made = client.post("/api/v1/closings/", {"code": "2026-Q1"}, "application/json")
    assert (made.status_code, made.json()["end"]) == (201, "2026-04-01")
    again = client.post("/api/v1/closings/", {"code": "2026-Q1"}, "application/json")
    assert again.status_code == 400
    assert [row["code"] for row in client.get("/api/v1/closings/").json()["results"]] == ["2026-Q1"]
    client.force_login(cast.eunji)
    url, body = f"/api/v1/deals/{won.pk}/", {"revision": won.revision, "amount": "120"}
    refused = client.patch(url, body, "application/json")
    assert (refused.status_code, "reason" in refused.json()["detail"]) == (400, True)
    assert client.patch(f"{url}?reason=Signed", body, "application/json").status_code == 200
    assert client.get(f"{url}history/").json()[0]["reason"] == "Signed"
    form = f"/deals/{won.pk}/edit/"
    assert "closing_reason" not in client.get(form).text


@pytest.mark.django_db(transaction=True)
def test_a_period_is_closed_after_the_changes_that_are_on_their_way() -> None:
    cast = make_cast()
    won = make_deal(cast, cast.minsu, cast.won, amount=100)
    period = cast.company.calendar.parse("2026-Q1", at=NOW)

    def close() -> None:
        try:
            close_period(period=period, by=cast.sam, at=NOW)
        finally:
            connection.close()

    closer = Thread(target=close)
    with transaction.atomic():
        edited = edit(won, cast.minsu, amount=120)
        closer.start()
        closer.join(0.5)
        assert closer.is_alive()
    closer.join()
    with pytest.raises(PermissionDenied):
        edit(edited, cast.minsu, amount=140)
