"""Deals through the API: what one sees, writes and looks back on."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.dateparse import parse_datetime

from history import as_recorded_at
from pipeline.models import Deal, Product
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.pipeline.api.conftest import DEALS, As, move


def test_a_deal_reads_as_flat_fields_with_decimals_as_strings(
    cast: Cast, as_: As, deal: Deal
) -> None:
    answer = as_(cast.minsu).get(f"{DEALS}{deal.pk}/").json()
    assert answer["name"] == "Hanbit ERP"
    assert answer["amount"] == "1000000.00"
    assert answer["owner"] == cast.minsu.pk
    assert answer["team"] == "seoul-1"
    assert answer["customer_name"] == "Hanbit"
    assert answer["stage_name"] == "Qualify the opportunity"
    assert answer["forecast_category"] == "omitted"
    assert answer["revision"] == 1


def test_lists_hold_what_the_viewer_may_see(cast: Cast, as_: As, deal: Deal) -> None:
    make_deal(cast, cast.bora, name="Busan port")

    def names(viewer: str) -> list[str]:
        rows = as_(getattr(cast, viewer)).get(DEALS).json()["results"]
        return [row["name"] for row in rows]

    assert names("eunji") == names("finn") == ["Hanbit ERP", "Busan port"]
    assert names("lee") == names("rho") == names("minsu") == ["Hanbit ERP"]
    assert names("park") == names("bora") == ["Busan port"]
    assert names("jiwoo") == []


def test_anothers_deal_is_not_found(cast: Cast, as_: As, deal: Deal) -> None:
    for path in ("", "history/"):
        assert as_(cast.bora).get(f"{DEALS}{deal.pk}/{path}").status_code == 404
    assert move(as_(cast.bora), deal, stage=cast.stages[1].pk).status_code == 404


def test_a_rep_makes_a_deal_of_their_own_in_the_first_stage(cast: Cast, as_: As) -> None:
    answer = as_(cast.minsu).post(DEALS, {"name": "New", "amount": "12.5"})
    assert answer.status_code == 201
    deal = Deal.objects.get()
    assert (deal.owner, deal.team, deal.stage) == (
        cast.minsu,
        cast.teams["seoul-1"],
        cast.stages[0],
    )
    assert answer.json()["amount"] == "12.50"


def test_a_deal_is_not_made_for_somebody_elses_customer(cast: Cast, as_: As) -> None:
    theirs = make_customer(owner=cast.bora)
    answer = as_(cast.minsu).post(DEALS, {"name": "New", "customer": theirs.pk})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["customer"]


def test_a_customer_can_be_named_by_its_external_id(cast: Cast, as_: As) -> None:
    customer = make_customer(external_id="CRM-7", owner=cast.minsu)
    body = {"name": "New", "customer": {"external_id": "CRM-7"}}
    assert as_(cast.minsu).post(DEALS, body).json()["customer"] == customer.pk


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"},
        {"amount": "NaN"},
        {"amount": "Infinity"},
        {"amount": "1e99999"},
        {"amount": "1" * 40},
        {"name": "nul\0l"},
        {"name": "x" * 201},
        {"name": ""},
        {"currency": "won"},
        {"probability": "1.5"},
        {"customer": 10**40},
        {"customer": True},
        {"customer": {"external_id": "\0"}},
        {"owner": "minsu"},
        {"expected_close": "9999-12-31"},
        {"expected_close": "0001-01-01"},
        {"first_contact_at": "9999-12-31T23:59:59Z"},
        {"first_contact_at": "0001-01-01T00:00:00+14:00"},
        {"next_step": {"a": 1}},
        {"amuont": "1"},
    ],
)
def test_what_cannot_be_is_refused_with_its_name(
    cast: Cast, as_: As, wrong: dict[str, Any]
) -> None:
    answer = as_(cast.minsu).post(DEALS, {"name": "New", **wrong})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(wrong)
    assert not Deal.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"[1]", b"{", b'"x"', b"\xff", b"null", b'{"name": NaN}', b'{"\\ud800": 1}', b"[" * 99999],
)
def test_a_body_that_is_no_object_is_refused(cast: Cast, as_: As, body: bytes, deal: Deal) -> None:
    client: Any = as_(cast.minsu)
    kind = "application/json"
    assert client.generic("POST", DEALS, body, kind).status_code == 400
    assert client.generic("PATCH", f"{DEALS}{deal.pk}/", body, kind).status_code == 400
    upsert = client.generic("PUT", f"{DEALS}by-external-id/X/", body, kind)
    assert upsert.status_code == 400


def test_an_edit_names_the_revision_it_was_made_on(cast: Cast, as_: As, deal: Deal) -> None:
    client, url = as_(cast.minsu), f"{DEALS}{deal.pk}/"
    assert list(client.patch(url, {"amount": "3"}).json()["errors"]) == ["revision"]
    assert client.patch(url, {"amount": "3", "revision": 1}).json()["amount"] == "3.00"
    assert client.patch(url, {"amount": "4", "revision": 1}).status_code == 409


def test_a_deal_that_was_read_can_be_put_back(cast: Cast, as_: As, deal: Deal) -> None:
    client, url = as_(cast.minsu), f"{DEALS}{deal.pk}/"
    read = client.get(url).json()
    written = client.put(url, {**read, "name": "Renamed"})
    assert written.status_code == 200, written.json()
    unchanged = {
        name: value for name, value in written.json().items() if name not in CHANGED_BY_A_RENAME
    }
    assert unchanged == {k: v for k, v in read.items() if k not in CHANGED_BY_A_RENAME}


def test_a_won_deal_keeps_an_amount(cast: Cast, as_: As) -> None:
    won, unknown = (make_deal(cast, cast.minsu, cast.won, amount=worth) for worth in (5, None))
    client = as_(cast.minsu)
    answer = client.patch(f"{DEALS}{won.pk}/", {"amount": None, "revision": 1})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["amount"])
    assert client.patch(f"{DEALS}{won.pk}/", {"amount": "6", "revision": 1}).status_code == 200
    imported = {"amount": None, "name": "Renamed", "revision": 1}
    assert client.patch(f"{DEALS}{unknown.pk}/", imported).status_code == 200


CHANGED_BY_A_RENAME = {"name", "revision", "updated_at"}


def test_stage_and_owner_are_not_changed_by_an_edit(cast: Cast, as_: As, deal: Deal) -> None:
    body = {"revision": 1, "stage": cast.stages[1].pk}
    answer = as_(cast.minsu).patch(f"{DEALS}{deal.pk}/", body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["stage"]


def test_finance_reads_deals_but_does_not_work_them(cast: Cast, as_: As, deal: Deal) -> None:
    client = as_(cast.finn)
    assert client.get(f"{DEALS}{deal.pk}/").status_code == 200
    assert move(client, deal, stage=cast.stages[1].pk).status_code == 403
    assert client.post(DEALS, {"name": "New"}).status_code == 403


class TestUpsert:
    url = f"{DEALS}by-external-id/CRM/42/"

    def test_new_then_unchanged_then_changed(self, cast: Cast, as_: As) -> None:
        client, body = as_(cast.minsu), {"name": "From the CRM", "amount": "10"}
        first = client.put(self.url, body)
        assert (first.status_code, first.json()["external_id"]) == (201, "CRM/42")
        again = client.put(self.url, body)
        assert (again.status_code, again.json()) == (200, first.json())
        changed = client.put(self.url, {"amount": "11"})
        assert (changed.json()["amount"], changed.json()["revision"]) == ("11.00", 2)

    def test_it_may_move_and_close(self, cast: Cast, as_: As) -> None:
        client = as_(cast.minsu)
        client.put(self.url, {"name": "From the CRM", "amount": "10"})
        body = {"stage": cast.lost.pk, "lost_reason": "timing", "amount": "9"}
        lost = client.put(self.url, body).json()
        assert (lost["outcome"], lost["lost_reason"], lost["amount"]) == ("lost", "timing", "9.00")

    def test_it_may_correct_why_a_deal_was_lost(self, cast: Cast, as_: As) -> None:
        lost = make_deal(cast, cast.minsu, cast.lost, lost_reason="price", external_id="CRM/42")
        answer = as_(cast.minsu).put(self.url, {"lost_reason": "timing"}).json()
        assert (answer["outcome"], answer["lost_reason"]) == ("lost", "timing")
        assert parse_datetime(answer["closed_at"]) == lost.closed_at

    def test_only_a_lost_deal_has_a_reason(self, cast: Cast, as_: As) -> None:
        make_deal(cast, cast.minsu, external_id="CRM/42")
        answer = as_(cast.minsu).put(self.url, {"lost_reason": "timing"})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["lost_reason"])

    def test_a_revision_is_checked_where_one_is_named(self, cast: Cast, as_: As) -> None:
        make_deal(cast, cast.minsu, external_id="CRM/42", revision=3)
        assert as_(cast.minsu).put(self.url, {"amount": "9", "revision": 2}).status_code == 409

    def test_anothers_is_not_found(self, cast: Cast, as_: As) -> None:
        make_deal(cast, cast.bora, external_id="CRM/42")
        assert as_(cast.minsu).put(self.url, {"name": "Mine"}).status_code == 404


def test_history_says_what_changed_when_and_by_whom(cast: Cast, as_: As) -> None:
    monday = seoul(2026, 3, 2, 9)
    with as_recorded_at(monday):
        deal = make_deal(cast, cast.minsu, created_at=monday)
    with as_recorded_at(monday + timedelta(days=1)):
        move(as_(cast.lee), deal, outcome="won", amount="7")
    newest, oldest = as_(cast.minsu).get(f"{DEALS}{deal.pk}/history/").json()
    assert newest["at"] == "2026-03-03T09:00:00+09:00"
    assert newest["by"] == {"id": cast.lee.pk, "name": cast.lee.name}
    changed = {change["name"]: change for change in newest["changes"]}
    assert set(changed) == {"stage", "outcome", "amount", "closed_at"}
    assert changed["stage"]["before_text"] == "Qualify the opportunity"
    assert changed["stage"]["after_text"] == "Won"
    assert (changed["amount"]["before"], changed["amount"]["after"]) == ("1000000.00", "7.00")
    assert oldest["created"]
    assert oldest["by"] is None


@pytest.fixture
def products(db: None) -> list[int]:
    return [Product.objects.create(name=name).pk for name in ("GTX Pro", "MG Special")]


class TestLines:
    def put(self, client: Any, deal: Deal, revision: int, *lines: dict[str, Any]) -> Any:
        body = {"revision": revision, "lines": list(lines)}
        return client.put(f"{DEALS}{deal.pk}/lines/", body)

    def test_they_become_what_is_sent(
        self, cast: Cast, as_: As, deal: Deal, products: list[int]
    ) -> None:
        first, second = products
        client = as_(cast.minsu)
        made = self.put(client, deal, 1, {"product": first, "amount": "7"}, {"product": second})
        assert [line["product_name"] for line in made.json()["lines"]] == ["GTX Pro", "MG Special"]
        changed = self.put(client, deal, 2, {"product": second, "quantity": "3"}).json()
        assert changed["revision"] == 3
        assert [(line["product"], line["quantity"]) for line in changed["lines"]] == [
            (second, "3.00")
        ]

    def test_a_deal_that_sells_it_is_found(
        self, cast: Cast, as_: As, deal: Deal, products: list[int]
    ) -> None:
        self.put(as_(cast.minsu), deal, 1, {"product": products[0]})
        for product, found in zip(products, (1, 0), strict=True):
            rows = as_(cast.minsu).get(f"{DEALS}?product={product}").json()["results"]
            assert len(rows) == found

    def test_what_cannot_be(self, cast: Cast, as_: As, deal: Deal, products: list[int]) -> None:
        client, line = as_(cast.minsu), {"product": products[0]}
        assert self.put(client, deal, 1, line, line).status_code == 400
        assert self.put(client, deal, 1, {**line, "quantity": "0"}).status_code == 400
        assert self.put(client, deal, 1, {"product": 10**9}).status_code == 400
        assert self.put(client, deal, 7, line).status_code == 409
        assert self.put(as_(cast.bora), deal, 1, line).status_code == 404
