"""Bulk writing: rows and their past by COPY, one mark per fact, updates through the triggers."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection

from history import version_model
from pipeline.bulk import BulkWriter, Counts, bulk_writing
from pipeline.models import Customer, Deal, Rate, Target, Touched
from tests.cast import Cast, make_deal, seoul

DealVersion = version_model(Deal)
CustomerVersion = version_model(Customer)

JANUARY, FEBRUARY = seoul(2026, 1, 5), seoul(2026, 2, 5)


def deal_row(cast: Cast, deal_id: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": deal_id,
        "name": f"Deal {deal_id}",
        "owner": cast.minsu.pk,
        "team": cast.teams["seoul-1"].pk,
        "stage": cast.won.pk,
        "outcome": "won",
        "amount": Decimal("10.50"),
        "created_at": JANUARY,
        "closed_at": FEBRUARY,
    } | changes


def copy_deal_with_past(bulk: BulkWriter, cast: Cast) -> int:
    """One deal, open for 8 in January and won for 10.50 in February."""
    (deal_id,) = bulk.reserve(Deal, 1)
    row = deal_row(cast, deal_id)
    bulk.copy_rows(Deal, list(row), [list(row.values())])
    bulk.copy_versions(
        Deal,
        ["row", "valid_from", "valid_to", "stage", "outcome", "amount"],
        [
            (deal_id, JANUARY, FEBRUARY, cast.stages[0].pk, "open", Decimal(8)),
            (deal_id, FEBRUARY, None, cast.won.pk, "won", Decimal("10.50")),
        ],
    )
    return deal_id


def test_rows_and_their_past_are_copied(cast: Cast) -> None:
    with bulk_writing() as bulk:
        deal_id = copy_deal_with_past(bulk, cast)
    deal = Deal.objects.get(pk=deal_id)
    assert (deal.amount, deal.closed_at, deal.revision, deal.currency) == (
        Decimal("10.50"),
        FEBRUARY,
        1,
        "KRW",
    )
    assert DealVersion.objects.at(FEBRUARY - timedelta(days=1)).get().amount == 8
    assert DealVersion.objects.at(FEBRUARY).get().outcome == "won"
    assert DealVersion.objects.count() == 2


def test_the_past_is_recorded_now_so_nobody_knew_it_before(cast: Cast) -> None:
    with bulk_writing() as bulk:
        copy_deal_with_past(bulk, cast)
    assert not DealVersion.objects.at(FEBRUARY, known_at=FEBRUARY).exists()


def test_a_later_edit_ends_the_copied_version(cast: Cast) -> None:
    with bulk_writing() as bulk:
        deal_id = copy_deal_with_past(bulk, cast)
    Deal.objects.filter(pk=deal_id).update(amount=11)
    amounts = DealVersion.objects.known().values_list("amount", flat=True)
    assert list(amounts) == [8, Decimal("10.50"), 11]


def test_one_mark_stands_for_all_rows_of_a_fact(cast: Cast) -> None:
    with bulk_writing() as bulk:
        copy_deal_with_past(bulk, cast)
        copy_deal_with_past(bulk, cast)
    marks = Touched.objects.filter(fact="deal")
    assert [(m.owner_id, m.team_id, m.instants) for m in marks] == [(None, None, [])]


def test_rows_written_after_a_bulk_write_are_kept_by_the_triggers_again(cast: Cast) -> None:
    with bulk_writing() as bulk:
        copy_deal_with_past(bulk, cast)
        deal = make_deal(cast, cast.minsu)
    assert DealVersion.objects.filter(row=deal.pk).count() == 1


def test_reserved_ids_are_given_to_nobody_else(cast: Cast) -> None:
    with bulk_writing() as bulk:
        reserved = bulk.reserve(Customer, 3)
    assert Customer.objects.create(name="Hanbit").pk == reserved[-1] + 1


def test_a_data_frame_is_copied_like_rows(cast: Cast) -> None:
    frame = pd.DataFrame(
        {
            "name": ["A", '한빛, "주식회사"\nB'],
            "employees": pd.array([None, 12], dtype="Int64"),
            "created_at": pd.Series([pd.NaT, pd.Timestamp(JANUARY)]),
            "region": ["", "Seoul"],
        }
    )
    with bulk_writing() as bulk:
        assert bulk.copy_rows(Customer, list(frame.columns), frame) == 2
    values = Customer.objects.order_by("pk").values_list(
        "name", "employees", "created_at", "region"
    )
    assert list(values) == [
        ("A", None, None, ""),
        ('한빛, "주식회사"\nB', 12, JANUARY, "Seoul"),
    ]


def test_first_versions_begin_when_the_row_says(cast: Cast) -> None:
    with bulk_writing() as bulk:
        bulk.copy_rows(Customer, ["name", "region", "created_at"], [("A", "Seoul", JANUARY)])
        bulk.copy_rows(Customer, ["name", "region"], [("B", "Busan")])
        assert bulk.first_versions(Customer, since="created_at") == 2
        assert bulk.first_versions(Customer, since="created_at") == 0
    old, new = CustomerVersion.objects.order_by("row")
    assert (old.region, old.valid_from) == ("Seoul", JANUARY)
    assert (new.region, new.valid_from) == ("Busan", new.recorded_from)


def test_a_refused_row_undoes_everything(cast: Cast) -> None:
    def write() -> None:
        with bulk_writing() as bulk:
            bulk.copy_rows(Customer, ["name"], [("A",)])
            row = deal_row(cast, 0, closed_at=None)
            bulk.copy_rows(Deal, list(row), [list(row.values())])

    with pytest.raises(IntegrityError, match="closed_deal_has_a_close_date"):
        write()
    assert not Customer.objects.exists()
    assert not Touched.objects.filter(fact="customer").exists()


def test_an_unknown_column_is_named(cast: Cast) -> None:
    with bulk_writing() as bulk, pytest.raises(FieldDoesNotExist, match="Deal has no column 'siz'"):
        bulk.copy_rows(Deal, ["siz"], [])


def test_defaults_fill_what_is_not_named(cast: Cast) -> None:
    row = ("won_revenue", "2026-01-01", "2026-02-01", 5)
    with bulk_writing() as bulk:
        bulk.copy_rows(Target, ["kpi", "start", "end", "value"], [row])
    target = Target.objects.get()
    assert target.filters == {}
    assert target.weight == 1


def merge_customers(*rows: tuple[str, str, str]) -> Counts:
    with bulk_writing() as bulk:
        counts = bulk.merge(Customer, ["external_id", "name", "region"], rows)
        bulk.first_versions(Customer)
    return counts


def test_merging_counts_what_was_created_updated_and_left_alone(cast: Cast) -> None:
    assert merge_customers(("a", "A", "Seoul"), ("b", "B", "Seoul")) == Counts(created=2)
    assert merge_customers(("a", "A", "Seoul"), ("b", "B", "Busan"), ("c", "C", "")) == Counts(
        created=1, updated=1, unchanged=1
    )
    assert Customer.objects.get(external_id="b").revision == 2
    assert Customer.objects.get(external_id="a").revision == 1


def test_merging_the_same_rows_again_changes_nothing(cast: Cast) -> None:
    merge_customers(("a", "A", "Seoul"))
    Touched.objects.all().delete()
    versions = CustomerVersion.objects.count()
    assert merge_customers(("a", "A", "Seoul")) == Counts(unchanged=1)
    assert CustomerVersion.objects.count() == versions
    assert not Touched.objects.exists()


def test_columns_for_new_rows_alone_are_never_updated(cast: Cast) -> None:
    for name, region in (("A", "Seoul"), ("B", "Busan")):
        with bulk_writing() as bulk:
            columns = ["external_id", "name", "region"]
            bulk.merge(Customer, columns, [("a", name, region)], only_new=["region"])
    customer = Customer.objects.get()
    assert (customer.name, customer.region) == ("B", "Seoul")


def test_a_key_may_be_of_several_columns(cast: Cast) -> None:
    with bulk_writing() as bulk:
        columns = ["currency", "day", "price"]
        key = ["currency", "day"]
        bulk.merge(Rate, columns, [("USD", "2026-01-05", Decimal("1300.5"))], key=key)
        again = [("USD", "2026-01-05", Decimal("1300.50")), ("USD", "2026-01-06", Decimal(1310))]
        assert bulk.merge(Rate, columns, again, key=key) == Counts(created=1, unchanged=1)


@pytest.mark.django_db(transaction=True)
def test_the_planner_learns_what_was_written(cast: Cast) -> None:
    with bulk_writing() as bulk:
        copy_deal_with_past(bulk, cast)
    tables = [Deal._meta.db_table, DealVersion._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples, relallvisible > 0 FROM pg_class WHERE relname = ANY(%s) "
            "ORDER BY relname",
            [tables],
        )
        assert cursor.fetchall() == [(1, True), (2, True)]
