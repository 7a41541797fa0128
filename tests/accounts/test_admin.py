"""People, teams and the company, as staff edit them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Company, Team, User
from tests.cast import PASSWORD, Cast

PERSON = {"language": "ko", "role": "rep", "memberships-TOTAL_FORMS": 0}
PERSON |= {"memberships-INITIAL_FORMS": 0}


@pytest.fixture
def staff(cast: Cast, client: Client) -> Client:
    client.force_login(cast.sam)
    return client


def test_a_person_is_added_without_a_password_and_chooses_one_by_mail(
    cast: Cast, staff: Client
) -> None:
    form = {**PERSON, "email": "New@Example.com", "name": "New", "usable_password": "false"}
    assert staff.post("/admin/accounts/user/add/", form).status_code == 302
    person = User.objects.get(email="new@example.com")
    assert not person.has_usable_password()
    action = {"action": "send_password_link", "_selected_action": [person.pk]}
    staff.post("/admin/accounts/user/", action)
    (letter,) = mail.outbox
    assert letter.to == ["new@example.com"]
    assert "/accounts/password/reset/key/" in str(letter.body)


def test_a_password_is_set(cast: Cast, staff: Client) -> None:
    new = "a brand new long password"
    form = {"password1": new, "password2": new, "usable_password": "true"}
    staff.post(f"/admin/accounts/user/{cast.minsu.pk}/password/", form)
    cast.minsu.refresh_from_db()
    assert cast.minsu.check_password(new)


def test_a_former_address_lets_nobody_in(cast: Cast, staff: Client, client: Client) -> None:
    old, minsu = {"login": cast.minsu.email, "password": PASSWORD}, Client()
    minsu.post("/accounts/login/", old)
    form = {**PERSON, "email": "new@example.com", "name": "Minsu", "is_active": "on"}
    staff.post(f"/admin/accounts/user/{cast.minsu.pk}/change/", form)
    assert Client().post("/accounts/login/", old).status_code == 200
    assert Client().post("/accounts/login/", {**old, "login": "new@example.com"}).status_code == 302
    Client().post("/accounts/password/reset/", {"email": old["login"]})
    assert "/reset/key/" not in "".join(str(letter.body) for letter in mail.outbox)


def test_people_are_not_deleted(cast: Cast, staff: Client) -> None:
    assert staff.get(f"/admin/accounts/user/{cast.minsu.pk}/delete/").status_code == 403


def test_staff_do_not_lock_themselves_out(cast: Cast, staff: Client) -> None:
    form = {**PERSON, "email": cast.sam.email, "name": "Sam", "role": "executive"}
    assert staff.post(f"/admin/accounts/user/{cast.sam.pk}/change/", form).status_code == 302
    cast.sam.refresh_from_db()
    assert cast.sam.is_staff
    assert cast.sam.is_active


def test_the_company_is_one(cast: Cast, staff: Client) -> None:
    changed = f"/admin/accounts/company/{cast.company.pk}/change/"
    assert staff.get("/admin/accounts/company/")["Location"] == changed
    assert staff.get("/admin/accounts/company/add/").status_code == 403
    assert staff.get(f"{changed.replace('change', 'delete')}").status_code == 403
    form = {
        "name": "Hanbit",
        "currency": "KRW",
        "time_zone": "Mars/Olympus",
        "fiscal_year_start": 4,
        "country": "KR",
        "language": "ko",
    }
    assert staff.post(changed, form).status_code == 200
    assert staff.post(changed, {**form, "time_zone": "Asia/Tokyo"}).status_code == 302
    assert Company.current().fiscal_year_start == 4


class TestTree:
    def test_it_is_shown_as_a_tree(self, staff: Client) -> None:
        page = staff.get("/admin/accounts/team/").content.decode()
        places = [page.index(f"{indent}{name}</a>") for indent, name in BRANCHES]
        assert places == sorted(places)

    def test_names_do_not_tear_it_apart(self, staff: Client) -> None:
        Team.objects.filter(slug="seoul-1").update(name="Alpha")
        page = staff.get("/admin/accounts/team/").content.decode()
        assert page.index(">Seoul</a>") < page.index("\u2003Alpha</a>")

    def test_it_counts_who_is_there_today(self, cast: Cast, staff: Client) -> None:
        seoul_2 = cast.teams["seoul-2"]
        for start, end in (("2020-01-01", "2021-01-01"), ("2022-01-01", None)):
            seoul_2.memberships.create(user=cast.bora, start=start, end=end)
        cast.teams["busan-1"].memberships.update(end="2021-01-01")
        rows: Any = staff.get("/admin/accounts/team/").context["cl"].result_list
        assert {team.slug: team.members for team in rows} == {
            "busan": 0,
            "busan-1": 0,
            "seoul": 1,
            "seoul-1": 3,
            "seoul-2": 1,
        }

    def test_it_costs_as_many_queries_for_many_teams_as_for_few(self, staff: Client) -> None:
        costs = []
        for more in (0, 20):
            Team.objects.bulk_create(Team(slug=f"t{n}", name=f"T{n}") for n in range(more))
            with CaptureQueriesContext(connection) as queries:
                staff.get("/admin/accounts/team/")
            costs.append(len(queries))
        assert costs[0] == costs[1]

    def test_a_team_is_not_part_of_one_below_itself(self, cast: Cast) -> None:
        seoul = cast.teams["seoul"]
        seoul.parent = cast.teams["seoul-1"]
        with pytest.raises(ValidationError, match="below itself"):
            seoul.full_clean()

    @pytest.mark.parametrize("below", ["seoul", "seoul-1"])
    def test_the_database_refuses_it_too(self, cast: Cast, below: str) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Team.objects.filter(slug="seoul").update(parent=cast.teams[below])

    def test_teams_may_be_rearranged(self, cast: Cast) -> None:
        Team.objects.filter(slug="seoul-2").update(parent=cast.teams["seoul-1"])
        Team.objects.filter(slug="busan").update(parent=cast.teams["seoul-2"])
        cast.teams["busan-1"].refresh_from_db()
        cast.teams["busan-1"].full_clean()


BRANCHES = (
    ("", "Busan"),
    ("\u2003", "Busan-1"),
    ("", "Seoul"),
    ("\u2003", "Seoul-1"),
    ("\u2003", "Seoul-2"),
)


@pytest.mark.parametrize("who", ["eunji", "finn", "lee", "minsu"])
def test_settings_are_for_staff(cast: Cast, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who))
    for path in ("", "accounts/user/", "accounts/company/", "pipeline/salesprocess/"):
        answer: Any = client.get(f"/admin/{path}")
        assert answer.status_code == 403


def test_the_signed_out_sign_in_where_everyone_does(client: Client, db: None) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")
