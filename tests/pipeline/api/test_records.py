"""Customers, activities, contracts, costs and rates through the API."""

from datetime import date
from typing import Any

import pytest

from accounts.models import User
from pipeline.models import Activity, Contract, Cost, Customer, Rate
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.pipeline.api.conftest import As

API = "/api/v1/"


class TestCustomers:
    url = f"{API}customers/"

    def test_head_count_decides_the_size(self, cast: Cast, as_: As) -> None:
        made = as_(cast.minsu).post(self.url, {"name": "Hanbit", "employees": 60}).json()
        assert (made["size_band"], made["owner"]) == ("medium", cast.minsu.pk)

    def test_they_are_seen_through_their_deals(self, cast: Cast, as_: As) -> None:
        customer = make_customer()
        make_deal(cast, cast.minsu, customer=customer)
        url = f"{self.url}{customer.pk}/"
        codes = {
            person: as_(getattr(cast, person)).get(url).status_code
            for person in ("eunji", "finn", "rho", "lee", "minsu", "jiwoo", "park", "bora")
        }
        seen = {person for person, code in codes.items() if code == 200}
        assert seen == {"eunji", "finn", "rho", "lee", "minsu"}
        assert set(codes.values()) == {200, 404}

    def test_edit_and_history(self, cast: Cast, as_: As) -> None:
        customer = make_customer(owner=cast.minsu)
        client, url = as_(cast.minsu), f"{self.url}{customer.pk}/"
        assert client.patch(url, {"region": "Busan", "revision": 1}).json()["revision"] == 2
        stale = client.patch(url, {"region": "Jeju", "revision": 1})
        assert stale.json()["current"]["region"] == "Busan"
        assert client.get(f"{url}history/").status_code == 200

    def test_they_are_given_away_by_those_who_may_reassign(self, cast: Cast, as_: As) -> None:
        customer = make_customer(owner=cast.jiwoo)
        make_deal(cast, cast.minsu, customer=customer)
        make_deal(cast, cast.jiwoo, customer=customer)
        url = f"{self.url}{customer.pk}/"

        def give(giver: User, owner: int | None, revision: int = 1) -> int:
            body = {"owner": owner, "revision": revision}
            return int(as_(giver).patch(url, body).status_code)

        assert give(cast.minsu, cast.minsu.pk) == 403
        assert give(cast.jiwoo, None) == 403
        assert give(cast.lee, cast.bora.pk) == 400
        assert give(cast.lee, None) == 200
        assert give(cast.minsu, cast.minsu.pk, revision=2) == 200

    def test_upsert(self, cast: Cast, as_: As) -> None:
        url = f"{self.url}by-external-id/A-1/"
        assert as_(cast.minsu).put(url, {"name": "Hanbit"}).status_code == 201
        changed = as_(cast.minsu).put(url, {"employees": 2000}).json()
        assert (changed["size_band"], changed["revision"]) == ("enterprise", 2)
        assert Customer.objects.count() == 1


class TestActivities:
    url = f"{API}activities/"

    @pytest.fixture
    def body(self, cast: Cast) -> dict[str, Any]:
        return {"kind": "call", "deal": make_deal(cast, cast.minsu).pk, "subject": "Rang"}

    def test_what_is_noted_is_ones_own_and_now(
        self, cast: Cast, as_: As, body: dict[str, Any]
    ) -> None:
        made = as_(cast.minsu).post(self.url, body).json()
        assert (made["person"], made["team"]) == (cast.minsu.pk, "seoul-1")
        assert made["at"] is not None
        rows = as_(cast.lee).get(f"{self.url}?kind=call&period=this-year").json()["results"]
        assert [row["subject"] for row in rows] == ["Rang"]

    def test_it_is_about_something_one_sees(
        self, cast: Cast, as_: As, body: dict[str, Any]
    ) -> None:
        nothing = as_(cast.minsu).post(self.url, {"kind": "call"})
        anothers = as_(cast.bora).post(self.url, body)
        assert list(nothing.json()["errors"]) == list(anothers.json()["errors"]) == ["deal"]

    def test_its_author_or_a_lead_takes_it_back(
        self, cast: Cast, as_: As, body: dict[str, Any]
    ) -> None:
        made = as_(cast.minsu).post(self.url, body).json()
        url = f"{self.url}{made['id']}/"
        assert as_(cast.minsu).delete(f"{url}?revision=7").status_code == 409
        assert as_(cast.jiwoo).delete(url).status_code == 404
        assert as_(cast.finn).delete(url).status_code == 403
        assert as_(cast.lee).delete(url).status_code == 204
        assert not Activity.objects.exists()

    def test_its_subject_may_be_corrected_but_not_its_deal(
        self, cast: Cast, as_: As, body: dict[str, Any]
    ) -> None:
        made = as_(cast.minsu).post(self.url, body).json()
        url, other = f"{self.url}{made['id']}/", make_deal(cast, cast.minsu)
        assert as_(cast.minsu).patch(url, {"deal": other.pk, "revision": 1}).status_code == 400
        edited = as_(cast.minsu).patch(url, {"note": "Budget is there", "revision": 1})
        assert edited.json()["note"] == "Budget is there"


class TestContracts:
    url = f"{API}contracts/"

    @pytest.fixture
    def body(self, cast: Cast) -> dict[str, Any]:
        customer = make_customer()
        deal = make_deal(cast, cast.minsu, cast.won, customer=customer)
        dates = {"start": "2026-01-01", "end": "2027-01-01"}
        return {"customer": customer.pk, "deal": deal.pk, "value": "120", **dates}

    def test_finance_writes_and_the_deals_owner_reads(
        self, cast: Cast, as_: As, body: dict[str, Any]
    ) -> None:
        assert as_(cast.minsu).post(self.url, body).status_code == 403
        made = as_(cast.finn).post(self.url, body).json()
        assert (made["owner"], made["team"]) == (cast.minsu.pk, "seoul-1")
        url = f"{self.url}{made['id']}/"
        codes = [as_(who).get(url).status_code for who in (cast.minsu, cast.lee, cast.bora)]
        assert codes == [200, 200, 404]

    @pytest.mark.parametrize("wrong", [{"end": "2025-01-01"}, {"value": None}, {"value": "-1"}])
    def test_what_cannot_be(
        self, cast: Cast, as_: As, body: dict[str, Any], wrong: dict[str, Any]
    ) -> None:
        assert as_(cast.finn).post(self.url, {**body, **wrong}).status_code == 400

    def test_due_in_a_period(self, cast: Cast, as_: As, body: dict[str, Any]) -> None:
        as_(cast.finn).post(self.url, body)
        for period, found in (("2027-Q1", 1), ("2026-Q4", 0)):
            rows = as_(cast.eunji).get(f"{self.url}?due={period}").json()["results"]
            assert len(rows) == found

    def test_edit_and_delete(self, cast: Cast, as_: As, body: dict[str, Any]) -> None:
        made = as_(cast.finn).post(self.url, body).json()
        url = f"{self.url}{made['id']}/"
        assert as_(cast.finn).patch(url, {"plan": "Pro", "revision": 1}).json()["plan"] == "Pro"
        assert as_(cast.eunji).delete(url).status_code == 403
        assert as_(cast.finn).delete(url).status_code == 204
        assert not Contract.objects.exists()


class TestCosts:
    url = f"{API}costs/"
    body = {"kind": "marketing", "day": "2026-03-01", "amount": "500"}

    def test_they_are_kept_from_those_who_may_not_see_them(self, cast: Cast, as_: As) -> None:
        made = as_(cast.finn).post(self.url, self.body)
        assert made.status_code == 201
        for path in ("", f"{made.json()['id']}/"):
            assert as_(cast.lee).get(f"{self.url}{path}").status_code == 403
            assert as_(cast.minsu).get(f"{self.url}{path}").status_code == 403
            assert as_(cast.eunji).get(f"{self.url}{path}").status_code == 200

    def test_only_finance_writes_them(self, cast: Cast, as_: As) -> None:
        assert as_(cast.eunji).post(self.url, self.body).status_code == 403
        made = as_(cast.finn).post(self.url, self.body).json()
        url = f"{self.url}{made['id']}/"
        assert as_(cast.finn).patch(url, {"amount": "600", "revision": 1}).status_code == 200
        assert as_(cast.finn).delete(url).status_code == 204
        assert not Cost.objects.exists()


class TestRates:
    url = f"{API}rates/"

    def test_a_days_price_is_written_once_or_again(self, cast: Cast, as_: As) -> None:
        for price in ("1390.5", "1391"):
            answer = as_(cast.finn).put(f"{self.url}USD/2026-11-03/", {"price": price})
            assert answer.status_code == 200
        assert answer.json()["price"] == "1391.00000000"
        assert Rate.objects.get().day == date(2026, 11, 3)

    def test_everyone_reads_them_and_finance_writes_them(self, cast: Cast, as_: As) -> None:
        body = {"currency": "USD", "day": "2026-11-03", "price": "1390"}
        assert as_(cast.minsu).post(self.url, body).status_code == 403
        made = as_(cast.finn).post(self.url, body).json()
        assert len(as_(cast.minsu).get(self.url).json()["results"]) == 1
        url = f"{self.url}{made['id']}/"
        assert as_(cast.finn).patch(url, {"price": "1400"}).json()["price"] == "1400.00000000"
        assert as_(cast.finn).put(url, {**body, "price": "1410"}).status_code == 200
        assert as_(cast.finn).delete(url).status_code == 204

    @pytest.mark.parametrize("other", [{"currency": "EUR"}, {"day": "2026-11-04"}])
    def test_a_price_stays_that_of_its_currency_and_day(
        self, cast: Cast, as_: As, other: dict[str, str]
    ) -> None:
        body = {"currency": "USD", "day": "2026-11-03", "price": "1390"}
        made = as_(cast.finn).post(self.url, body).json()
        answer = as_(cast.finn).put(f"{self.url}{made['id']}/", {**body, **other})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, list(other))

    @pytest.mark.parametrize("day", ["2026-02-30", "9999-12-31", "0000-01-01"])
    def test_a_day_that_is_none(self, cast: Cast, as_: As, day: str) -> None:
        assert as_(cast.finn).put(f"{self.url}USD/{day}/", {"price": "1"}).status_code == 400

    @pytest.mark.parametrize("price", ["0", "-1", "NaN", "1e30"])
    def test_a_price_that_is_none(self, cast: Cast, as_: As, price: str) -> None:
        url = f"{self.url}USD/2026-11-03/"
        assert as_(cast.finn).put(url, {"price": price}).status_code == 400


def test_settings_are_read_by_everyone_and_written_by_nobody_here(cast: Cast, as_: As) -> None:
    for name in ("stages", "sources", "products"):
        assert as_(cast.minsu).get(f"{API}{name}/").status_code == 200
        assert as_(cast.sam).post(f"{API}{name}/", {"name": "x"}).status_code == 405
    stages = as_(cast.minsu).get(f"{API}stages/?outcome=open").json()["results"]
    assert [stage["position"] for stage in stages] == [1, 2, 3, 4]


def test_teams_and_people_are_those_one_sees(cast: Cast, as_: As) -> None:
    def names(viewer: str, what: str, key: str) -> set[str]:
        rows = as_(getattr(cast, viewer)).get(f"{API}{what}/").json()["results"]
        return {row[key] for row in rows}

    assert names("rho", "teams", "slug") == {"seoul", "seoul-1", "seoul-2"}
    assert names("lee", "teams", "slug") == names("minsu", "teams", "slug") == {"seoul-1"}
    assert names("lee", "users", "name") == {"Lee", "Minsu", "Jiwoo"}
    assert names("minsu", "users", "name") == {"Minsu"}
    assert len(names("eunji", "users", "name")) == 9


def test_me(cast: Cast, as_: As) -> None:
    me = as_(cast.minsu).get(f"{API}users/me/").json()
    assert me["email"] == "minsu@example.com"
    assert me["memberships"] == [{"team": "seoul-1", "start": "2020-01-01", "end": None}]
    assert as_(cast.minsu).get(f"{API}users/{cast.bora.pk}/").status_code == 404


def test_a_filter_by_day_and_by_instant_counts_in_the_companys_zone(cast: Cast, as_: As) -> None:
    make_deal(cast, cast.minsu, created_at=seoul(2026, 4, 1))
    make_deal(cast, cast.minsu, created_at=seoul(2026, 3, 31, 23, 59))
    for code in ("2026-Q1", "2026-Q2"):
        rows = as_(cast.minsu).get(f"{API}deals/?created={code}").json()["results"]
        assert len(rows) == 1
