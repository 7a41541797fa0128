"""Who may see what: scopes, and every fact for every member of the cast."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Membership, User
from accounts.scope import (
    BadScope,
    OutsideScope,
    Tree,
    home_scope,
    known_teams,
    reach,
    resolve,
    visible_people,
    visible_teams,
)
from pipeline.models import Activity, Contract, Cost, Customer, Deal, Lead, Target
from tests.cast import Cast, make_customer, make_deal, seoul

COMPANY = {"company"}
SEOUL = {"team:seoul", "team:seoul-1", "team:seoul-2"}
BUSAN = {"team:busan", "team:busan-1"}
TEAM_CODES = sorted(SEOUL | BUSAN)
PEOPLE = ["eunji", "finn", "rho", "lee", "park", "minsu", "jiwoo", "bora", "sam"]

SCOPES = {
    "eunji": COMPANY | SEOUL | BUSAN | set(PEOPLE),
    "finn": COMPANY | SEOUL | BUSAN | set(PEOPLE),
    "sam": COMPANY | SEOUL | BUSAN | set(PEOPLE),
    "rho": SEOUL | {"rho", "lee", "minsu", "jiwoo"},
    "lee": {"team:seoul-1", "lee", "minsu", "jiwoo"},
    "park": {"team:busan-1", "park", "bora"},
    "minsu": {"minsu"},
    "jiwoo": {"jiwoo"},
    "bora": {"bora"},
}


def may_ask(code: str, viewer: User) -> bool:
    try:
        return resolve(code, viewer).code == code
    except OutsideScope:
        return False


@pytest.mark.parametrize("who", PEOPLE)
def test_each_member_may_ask_for_these_scopes_and_no_others(cast: Cast, who: str) -> None:
    codes = {"company": "company", **{code: code for code in TEAM_CODES}}
    codes |= {name: f"user:{getattr(cast, name).pk}" for name in PEOPLE}
    viewer = getattr(cast, who)
    assert {name for name, code in codes.items() if may_ask(code, viewer)} == SCOPES[who]


@pytest.mark.parametrize("code", ["team:nowhere", "user:999999999999999999", "user:0"])
def test_what_does_not_exist_is_outside_like_what_is_not_ones_own(cast: Cast, code: str) -> None:
    for who in (cast.eunji, cast.minsu):
        with pytest.raises(OutsideScope):
            resolve(code, who)


@pytest.mark.parametrize(
    "code", ["", "galaxy", "company:1", "team:", "user:", "user:-1", "user:１", "user:1e3", "team"]
)
def test_what_is_no_scope_is_refused_as_such(cast: Cast, code: str) -> None:
    with pytest.raises(BadScope, match="is not a scope"):
        resolve(code, cast.eunji)


def test_home_is_the_company_ones_team_or_oneself(cast: Cast) -> None:
    homes = {who: home_scope(getattr(cast, who)).code for who in ("eunji", "rho", "lee", "minsu")}
    assert homes == {
        "eunji": "company",
        "rho": "team:seoul",
        "lee": "team:seoul-1",
        "minsu": f"user:{cast.minsu.pk}",
    }


def test_a_scope_of_a_team_covers_those_below_it(cast: Cast) -> None:
    for owner in (cast.minsu, cast.bora, cast.rho):
        make_deal(cast, owner, name=owner.name)

    def deals(code: str) -> set[str]:
        found = Deal.objects.in_scope(resolve(code, cast.eunji))
        return set(found.values_list("name", flat=True))

    assert deals("company") == {"Minsu", "Bora", "Rho"}
    assert deals("team:seoul") == {"Minsu", "Rho"}
    assert deals("team:seoul-1") == {"Minsu"}
    assert deals(f"user:{cast.bora.pk}") == {"Bora"}


def test_teams_and_people_that_one_sees(cast: Cast) -> None:
    assert {team.slug for team in visible_teams(cast.rho)} == {"seoul", "seoul-1", "seoul-2"}
    assert visible_teams(cast.minsu) == []
    assert [team.slug for team in known_teams(cast.minsu)] == ["seoul-1"]
    assert set(visible_people(cast.park)) == {cast.park, cast.bora}
    assert set(visible_people(cast.bora)) == {cast.bora}


def test_the_tree_is_walked_from_the_top(cast: Cast) -> None:
    walked = [(team.slug, depth) for team, depth in Tree.load().walk()]
    assert walked == [("busan", 0), ("busan-1", 1), ("seoul", 0), ("seoul-1", 1), ("seoul-2", 1)]


WHOLE = {"eunji", "finn", "sam"}
SEES = {
    # Whose row it is, and who sees it.
    "minsu": WHOLE | {"rho", "lee", "minsu"},
    "jiwoo": WHOLE | {"rho", "lee", "jiwoo"},
    "bora": WHOLE | {"park", "bora"},
    "rho": WHOLE | {"rho"},
}
FACTS = ("deal", "won deal", "lead", "customer", "own customer", "activity", "contract", "target")


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("owner", SEES)
def test_a_fact_is_seen_by_its_owner_those_who_lead_them_and_those_who_see_all(
    cast: Cast, fact: str, owner: str
) -> None:
    row = write(fact, getattr(cast, owner), cast)
    seen = {who for who in PEOPLE if sees(getattr(cast, who), row)}
    expected = WHOLE | {owner} if fact == "own customer" else SEES[owner]
    assert seen == expected


def sees(viewer: User, row: Any) -> bool:
    return bool(type(row).objects.visible_to(viewer).filter(pk=row.pk).exists())


def write(fact: str, owner: User, cast: Cast) -> Any:
    """A row of a fact that is `owner`'s, in their team."""
    membership = owner.memberships.get()
    credit = {"owner": owner, "team": membership.team}
    match fact:
        case "deal":
            return make_deal(cast, owner)
        case "won deal":
            return make_deal(cast, owner, cast.won)
        case "lead":
            return Lead.objects.create(created_at=seoul(2026, 1, 5), **credit)
        case "customer":
            return make_deal(cast, owner, customer=make_customer()).customer
        case "own customer":
            return make_customer(owner=owner)
        case "activity":
            deal = make_deal(cast, owner)
            about = {"deal": deal, "person": owner, "team": membership.team}
            return Activity.objects.create(kind="call", at=seoul(2026, 1, 5), **about)
        case "contract":
            terms = {"start": date(2026, 1, 1), "value": 1, "customer": make_customer()}
            return Contract.objects.create(**terms, **credit)
    span = {"start": date(2026, 1, 1), "end": date(2027, 1, 1)}
    return Target.objects.create(kpi="won_revenue", user=owner, value=1, **span)


def test_costs_are_seen_by_those_who_may_see_salaries(cast: Cast) -> None:
    cost = Cost.objects.create(kind="labour", day=date(2026, 1, 1), amount=1)
    assert {who for who in PEOPLE if sees(getattr(cast, who), cost)} == WHOLE


def test_a_teams_target_is_its_leads_and_the_companys_the_companys(cast: Cast) -> None:
    span = {"start": date(2026, 1, 1), "end": date(2027, 1, 1), "value": 1}
    teams = Target.objects.create(kpi="won_revenue", team=cast.teams["seoul-1"], **span)
    companys = Target.objects.create(kpi="won_revenue", **span)
    assert {who for who in PEOPLE if sees(getattr(cast, who), teams)} == WHOLE | {"rho", "lee"}
    assert {who for who in PEOPLE if sees(getattr(cast, who), companys)} == WHOLE


def test_a_customer_is_seen_once_however_many_deals_one_sees(cast: Cast) -> None:
    customer = make_customer()
    for _number in range(3):
        make_deal(cast, cast.minsu, customer=customer)
    assert list(Customer.objects.visible_to(cast.lee)) == [customer]


def test_closed_deals_stay_with_the_team_that_won_them(cast: Cast) -> None:
    won = make_deal(cast, cast.minsu, cast.won)
    Membership.objects.filter(user=cast.minsu).update(team=cast.teams["busan-1"])
    assert sees(cast.lee, won)
    assert not sees(cast.park, won)
    assert sees(cast.minsu, won)


def test_a_lead_of_no_team_any_more_sees_their_own_alone(cast: Cast) -> None:
    make_deal(cast, cast.minsu)
    own = make_deal(cast, cast.lee)
    Membership.objects.filter(user=cast.lee).update(end=date(2026, 1, 1))
    assert list(Deal.objects.visible_to(cast.lee)) == [own]


def test_whether_a_change_concerns_a_person(cast: Cast) -> None:
    busan = [cast.teams["busan-1"].pk]
    assert reach(cast.eunji).sees([None], [None])
    assert reach(cast.park).sees([], busan)
    assert not reach(cast.lee).sees([cast.bora.pk], busan)
    assert reach(cast.bora).sees([cast.bora.pk], busan)
    assert not reach(cast.minsu).sees([cast.jiwoo.pk], [cast.teams["seoul-1"].pk])
