"""A person who moves to another team takes along what is still open."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Membership
from accounts.scope import reach
from history import version_model
from pipeline.actions.people import settle_person, transfer_person
from pipeline.models import Deal, Lead
from tests.cast import JOINED, Cast, make_deal, seoul

AT = seoul(2026, 11, 3, 9)
TODAY = date(2026, 11, 3)


def spans(cast: Cast) -> list[tuple[str, date, date | None]]:
    rows = Membership.objects.filter(user=cast.minsu).order_by("start")
    return [(row.team.slug, row.start, row.end) for row in rows]


def move(cast: Cast, slug: str) -> None:
    transfer_person(person=cast.minsu, to=cast.teams[slug], by=cast.sam, at=AT)


def test_the_old_membership_ends_on_the_day_that_the_new_one_begins(cast: Cast) -> None:
    move(cast, "busan-1")
    assert spans(cast) == [("seoul-1", JOINED, TODAY), ("busan-1", TODAY, None)]


def test_a_second_move_on_the_same_day_leaves_no_trace_of_the_first(cast: Cast) -> None:
    move(cast, "busan-1")
    move(cast, "seoul-2")
    assert spans(cast) == [("seoul-1", JOINED, TODAY), ("seoul-2", TODAY, None)]


def test_moving_to_where_one_is_changes_nothing(cast: Cast) -> None:
    move(cast, "seoul-1")
    assert spans(cast) == [("seoul-1", JOINED, None)]


def test_open_deals_follow_and_closed_ones_stay(cast: Cast) -> None:
    running, won = make_deal(cast, cast.minsu), make_deal(cast, cast.minsu, cast.won)
    others = make_deal(cast, cast.jiwoo)
    move(cast, "busan-1")
    for deal in (running, won, others):
        deal.refresh_from_db()
    assert running.team == cast.teams["busan-1"]
    assert won.team == others.team == cast.teams["seoul-1"]
    assert (running.revision, won.revision) == (2, 1)


def test_waiting_leads_follow_and_converted_ones_stay(cast: Cast) -> None:
    team, created = cast.teams["seoul-1"], seoul(2026, 1, 5)
    waiting = Lead.objects.create(owner=cast.minsu, team=team, created_at=created)
    converted = Lead.objects.create(
        owner=cast.minsu,
        team=team,
        created_at=created,
        status="converted",
        converted_at=created + timedelta(days=1),
    )
    move(cast, "busan-1")
    waiting.refresh_from_db()
    converted.refresh_from_db()
    assert (waiting.team, converted.team) == (cast.teams["busan-1"], team)


def test_the_move_is_in_the_history_of_the_deal_with_its_author(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu)
    move(cast, "busan-1")
    version = version_model(Deal).objects.known().get(row=deal.pk)
    assert (version.team_id, version.changed_by) == (cast.teams["busan-1"].pk, cast.sam.pk)


def test_the_new_lead_sees_the_deal_and_the_old_one_no_more(cast: Cast) -> None:
    make_deal(cast, cast.minsu)
    move(cast, "busan-1")
    assert Deal.objects.filter(reach(cast.park).covers()).count() == 1
    assert Deal.objects.filter(reach(cast.lee).covers()).count() == 0


def test_only_staff_move_people(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        transfer_person(person=cast.minsu, to=cast.teams["busan-1"], by=cast.lee, at=AT)


def test_somebody_in_no_team_any_more_works_for_none(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu)
    Membership.objects.filter(user=cast.minsu).update(end=TODAY)
    settle_person(person=cast.minsu, by=cast.sam, at=AT)
    deal.refresh_from_db()
    assert deal.team is None
