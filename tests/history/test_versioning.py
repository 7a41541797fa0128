"""A row's past: what the history triggers keep, whoever writes."""

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership
from history import as_recorded_at, recorded_by, version_model
from pipeline.models import Deal
from tests.cast import Cast, make_deal, seoul

DealVersion = version_model(Deal)

MONDAY = seoul(2026, 3, 2, 9)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)


def amounts(deal_id: int) -> list[Decimal | None]:
    versions = DealVersion.objects.known().filter(row=deal_id)
    return list(versions.values_list("amount", flat=True))


@pytest.fixture
def deal(cast: Cast) -> Deal:
    """Worth 100 on Monday, 200 on Tuesday."""
    with as_recorded_at(MONDAY):
        deal = make_deal(cast, cast.minsu, amount=100)
    with as_recorded_at(TUESDAY):
        Deal.objects.update(amount=200)
    return deal


def test_every_past_state_can_be_read_at_its_instant(deal: Deal) -> None:
    def amount_at(instant: datetime) -> Any:
        return DealVersion.objects.at(instant).get(row=deal.pk).amount

    assert amount_at(MONDAY) == 100
    assert amount_at(TUESDAY - timedelta(microseconds=1)) == 100
    assert amount_at(TUESDAY) == 200
    assert not DealVersion.objects.at(MONDAY - timedelta(seconds=1)).exists()


def test_several_changes_of_one_transaction_leave_one_version_the_last(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu, amount=1)
    Deal.objects.update(amount=2)
    Deal.objects.update(amount=3)
    assert amounts(deal.pk) == [3]


def test_a_change_of_nothing_tracked_leaves_no_version(deal: Deal) -> None:
    with as_recorded_at(WEDNESDAY):
        Deal.objects.update(name="Renamed", next_step="Call")
    assert amounts(deal.pk) == [100, 200]


def test_a_deleted_row_is_gone_from_then_on_and_only_from_then_on(deal: Deal) -> None:
    key = deal.pk
    with as_recorded_at(WEDNESDAY):
        deal.delete()
    assert not DealVersion.objects.at(WEDNESDAY).exists()
    assert DealVersion.objects.at(TUESDAY).get(row=key).amount == 200


def test_the_author_is_kept(cast: Cast) -> None:
    with recorded_by(cast.minsu.pk):
        deal = make_deal(cast, cast.minsu)
    assert DealVersion.objects.get(row=deal.pk).changed_by == cast.minsu.pk


def test_what_was_known_of_a_row_is_found_by_index(deal: Deal) -> None:
    """Each row that others refer to is looked up alone: without one, all versions for each."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = DealVersion.objects.recorded(MONDAY).filter(row=deal.pk).explain()
    assert "pipeline_deal_version_start" in plan
    assert "pipeline_deal_was" in plan


def test_what_was_known_at_an_instant_leaves_out_what_was_recorded_later(deal: Deal) -> None:
    assert DealVersion.objects.at(MONDAY, known_at=MONDAY).get().amount == 100
    assert not DealVersion.objects.at(MONDAY, known_at=MONDAY - timedelta(hours=1)).exists()


def test_sql_behind_djangos_back_is_kept_too(deal: Deal) -> None:
    with as_recorded_at(WEDNESDAY), connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_deal SET amount = 300")
    assert amounts(deal.pk) == [100, 200, 300]


def test_memberships_and_teams_are_kept(cast: Cast) -> None:
    with as_recorded_at(MONDAY):
        Membership.objects.filter(user=cast.minsu).update(team=cast.teams["busan-1"])
    versions = version_model(Membership).objects.known().filter(user=cast.minsu)
    assert versions.last().team_id == cast.teams["busan-1"].pk


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1},
        {"outcome": "won"},
        {"lost_reason": "price"},
        {"probability": Decimal("1.5")},
        {"category": "certain"},
    ],
)
def test_the_database_itself_refuses_what_cannot_be(deal: Deal, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Deal.objects.update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_each_commit_makes_a_version_that_begins_where_the_last_one_ends() -> None:
    from tests.cast import make_cast

    cast = make_cast()
    deal = make_deal(cast, cast.minsu, amount=1)
    for amount in (2, 3, 4):
        Deal.objects.filter(pk=deal.pk).update(amount=amount)
    spans = list(DealVersion.objects.known().values_list("valid_from", "valid_to"))
    assert amounts(deal.pk) == [1, 2, 3, 4]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
