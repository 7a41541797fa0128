"""Every table of the generic mapping."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Company, Membership, Team, User
from history import version_model
from pipeline.importers.errors import ImportRefused
from pipeline.models import (
    Activity,
    Contract,
    Cost,
    Customer,
    Deal,
    DealLine,
    Lead,
    Product,
    Rate,
    Stage,
    Target,
    Touched,
    Visit,
)
from tests.cast import seoul
from tests.pipeline.importers.exports import DEALS_HEADER, Export, reasons

pytestmark = pytest.mark.django_db

DealVersion = version_model(Deal)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


def test_a_changed_row_is_updated_from_now_on(export: Export) -> None:
    export.deals("1,A,,Min,Offer,100,2026-01-05,").load()
    report = export.deals("1,A,,Min,Won,120,2026-01-05,2026-02-05").load()
    assert report.tables[-1].counts.updated == 1
    deal = Deal.objects.get()
    assert (deal.outcome, deal.amount, deal.revision) == ("won", Decimal(120), 2)
    assert deal.stage_since == deal.closed_at == seoul(2026, 2, 5)
    latest = DealVersion.objects.known().last()
    assert (latest.outcome, latest.amount) == ("won", 120)


def test_what_is_not_mapped_is_left_as_people_entered_it(export: Export) -> None:
    export.deals("1,A,,Min,Offer,100,2026-01-05,").load()
    Deal.objects.update(kind="renewal", next_step="Call")
    report = export.load()
    assert report.tables[-1].counts.unchanged == 1
    assert list(Deal.objects.values_list("kind", "next_step")) == [("renewal", "Call")]


def test_deals_are_credited_to_their_owners_team(export: Export) -> None:
    export.deals("1,A,,Min,Offer,1,2026-01-05,", "2,B,,Ji,Won,1,2026-01-05,2026-02-05").load()
    assert list(Deal.objects.order_by("external_id").values_list("team__name", flat=True)) == [
        "North",
        "South",
    ]
    assert Membership.objects.get(user__name="Min").start == date(2026, 1, 5)


def test_a_rep_who_moves_takes_open_deals_along_and_leaves_closed_ones(export: Export) -> None:
    export.deals("1,A,,Min,Offer,1,2026-01-05,", "2,B,,Min,Won,1,2026-01-05,2026-02-05").load()
    export.write(people="name,team\nMin,South\n").load()
    assert dict(Deal.objects.values_list("external_id", "team__name")) == {
        "1": "South",
        "2": "North",
    }
    memberships = Membership.objects.filter(user__name="Min").order_by("start")
    left, joined = memberships
    assert (left.team.name, joined.team.name, left.end) == ("North", "South", joined.start)


def test_somebody_entered_by_hand_is_recognised_by_address(export: Export) -> None:
    boss = User.objects.create(email="boss@example.com", name="The Boss", role="executive")
    export.map(
        """
        [people]
        file = "people.csv"
        columns = { name = "name", email = "mail", external_id = "id" }
        """
    ).write(people="id,name,mail\n7,Kim,Boss@example.com\n").load()
    found = User.objects.get()
    assert (found.pk, found.name, found.role, found.external_id) == (
        boss.pk,
        "Kim",
        "executive",
        "7",
    )


def test_people_without_an_address_get_one_of_the_mappings_domain(export: Export) -> None:
    export.map(
        """
        [people]
        file = "people.csv"
        email_domain = "hanbit.kr"
        columns = { name = "name", external_id = "id" }
        """
    ).write(people="id,name\n1,Ann Lee\n2,Ann Lee\n3,김민수\n").load()
    assert list(User.objects.order_by("pk").values_list("email", flat=True)) == [
        "ann.lee@hanbit.kr",
        "ann.lee-2@hanbit.kr",
        "3@hanbit.kr",
    ]


EVERYTHING = """
[customers]
file = "customers.csv"
columns = { external_id = "id", name = "name", employees = "people" }

[leads]
file = "leads.csv"
create_missing = ["source"]

[leads.columns]
external_id = "id"
company_name = "company"
owner = "owner"
source = "channel"
created_at = { column = "day", format = "%d.%m.%Y" }
converted_at = { column = "converted", format = "%d.%m.%Y" }
customer = "customer"

[lines]
file = "lines.csv"
create_missing = ["product"]
columns = { deal = "deal", product = "product", quantity = "quantity", amount = "amount" }

[activities]
file = "activities.csv"
columns = { kind = "kind", at = "at", person = "who", deal = "deal", subject = "what" }

[contracts]
file = "contracts.csv"

[contracts.columns]
external_id = "id"
customer = "customer"
start = "start"
end = "end"
value = "value"
renews = "renews"

[costs]
file = "costs.csv"
create_missing = ["source"]
columns = { kind = "kind", day = "day", amount = "amount", source = "channel" }

[visits]
file = "visits.csv"
create_missing = ["source"]
columns = { day = "day", source = "channel", visits = "visits" }

[targets]
file = "targets.csv"
columns = { kpi = "kpi", period = "period", value = "value", team = "team" }

[rates]
file = "rates.csv"
columns = { currency = "currency", day = "day", price = "price" }
"""


@pytest.fixture
def everything(export: Export) -> Export:
    export.add(EVERYTHING).deals("1,A,C1,Min,Offer,100,2026-01-05,")
    return export.write(
        customers="id,name,people\nC1,Hanbit,1200\n",
        leads="id,company,owner,channel,day,converted,customer\n"
        "L1,Hanbit,Min,Fair,02.01.2026,05.01.2026,C1\nL2,Duri,,Web site,03.01.2026,,\n",
        lines="deal,product,quantity,amount\n1,Anvil,2,60\n1,Rope,1,40\n",
        activities="kind,at,who,deal,what\ncall,2026-01-06 10:00,Min,1,First call\n"
        "call,2026-01-06 10:00,Min,1,First call\n",
        contracts="id,customer,start,end,value,renews\nK2,C1,2026-01-01,2027-01-01,1300,K1\n"
        "K1,C1,2025-01-01,2026-01-01,1200,\n",
        costs="kind,day,amount,channel\nmarketing,2026-01-01,500,Fair\n",
        visits="day,channel,visits\n2026-01-01,Web site,1200\n",
        targets="kpi,period,value,team\nwon_revenue,2026-Q1,5000,\nwon_revenue,2026-01,900,North\n",
        rates="currency,day,price\nUSD,2026-01-05,1445.5\n",
    )


def test_every_table_is_loaded(everything: Export) -> None:
    everything.load()
    assert Customer.objects.get().size_band == "enterprise"
    converted, fresh = Lead.objects.order_by("external_id")
    assert (converted.status, converted.converted_at) == ("converted", seoul(2026, 1, 5))
    assert (str(converted.team), str(converted.source)) == ("North", "Fair")
    assert (fresh.status, fresh.owner, str(fresh.source)) == ("new", None, "Web site")
    lines = DealLine.objects.order_by("product__name").values_list("product__name", "amount")
    assert list(lines) == [("Anvil", Decimal(60)), ("Rope", Decimal(40))]
    assert Activity.objects.filter(at=seoul(2026, 1, 6, 10), subject="First call").count() == 2
    assert Contract.objects.get(external_id="K2").renews.external_id == "K1"  # type: ignore[union-attr]
    assert Cost.objects.get().amount == 500
    assert Visit.objects.get().visits == 1200
    assert list(
        Target.objects.order_by("value").values_list("team__name", "start", "end", "value")
    ) == [
        ("North", date(2026, 1, 1), date(2026, 2, 1), 900),
        (None, date(2026, 1, 1), date(2026, 4, 1), 5000),
    ]
    assert Rate.objects.get().price == Decimal("1445.5")


def test_every_fact_has_one_version_that_stands(everything: Export) -> None:
    everything.load()
    for model in (Customer, Lead, Deal, DealLine, Contract, Cost, Target, Rate, Stage, Team):
        rows: Any = model._base_manager
        standing = version_model(model).objects.known().filter(valid_to__year__gte=9999)
        assert standing.count() == rows.count() > 0, model


def test_every_table_loaded_again_changes_nothing(everything: Export) -> None:
    everything.load()
    Touched.objects.all().delete()
    report = everything.load()
    assert {(t.counts.created, t.counts.updated) for t in report.tables} == {(0, 0)}
    assert not Touched.objects.exists()


def test_contracts_that_do_not_say_how_they_count_do_so_as_usual(export: Export) -> None:
    mapping = EVERYTHING[EVERYTHING.index("[contracts]") : EVERYTHING.index("renews =")]
    said = 'billing = "billing"\nschedule = "how"\ndelivered_on = "delivered"\n'
    export.add(mapping + said).deals("1,A,C1,Min,Offer,100,2026-01-05,").write(
        customers="id,name,people\nC1,Hanbit,1200\n",
        contracts="id,customer,start,end,value,billing,how,delivered\n"
        "K1,C1,2026-01-01,2027-01-01,12,recurring,,\n"
        "K2,C1,2026-01-01,,12,one_off,,\n"
        "K3,C1,2026-01-01,,12,one_off,납품 시,2026-03-01\n",
    )
    export.load()
    found = Contract.objects.order_by("external_id").values_list("schedule", "delivered_on")
    assert list(found) == [
        ("monthly", None),
        ("signing", None),
        ("delivery", date(2026, 3, 1)),
    ]


def test_a_contracts_version_begins_with_it_and_knows_what_it_renews(everything: Export) -> None:
    everything.load()
    version = version_model(Contract).objects.get(row__external_id="K2")
    assert version.valid_from == seoul(2026, 1, 1)
    assert version.renews_id == Contract.objects.get(external_id="K1").pk


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"targets": "kpi,period,value,team\nx,2026-Q7,5,\n"}, (2, "period", "2026-Q7")),
        (
            {"contracts": "id,customer,start,end,value,renews\n1,C1,2026-01-02,2026-01-01,1,\n"},
            (2, "end", "2026-01-01"),
        ),
        (
            {"contracts": "id,customer,start,end,value,renews\n1,C1,2026-01-02,,,\n"},
            (2, "value", ""),
        ),
        ({"activities": "kind,at,who,deal,what\ncall,2026-01-06,Min,,\n"}, (2, "deal", "")),
        ({"rates": "currency,day,price\nUSD,2026-01-05,0\n"}, (2, "price", "0")),
        ({"lines": "deal,product,quantity,amount\n9,Anvil,1,1\n"}, (2, "deal", "9")),
    ],
)
def test_what_rows_of_each_table_need(
    everything: Export, files: dict[str, str], expected: tuple[int, str, str]
) -> None:
    report = everything.write(**files).load()
    ((line, column, value, _wanted),) = reasons(report)
    assert (line, column, value) == expected
    assert not Deal.objects.exists()


def test_a_contract_that_renews_an_unknown_one_is_refused(everything: Export) -> None:
    everything.write(
        contracts="id,customer,start,end,value,renews\nK2,C1,2026-01-01,2027-01-01,1300,K9\n"
    )
    with pytest.raises(ImportRefused, match="there is no contract “K9” to renew"):
        everything.load()


def test_an_unknown_column_is_refused_with_those_there_are(export: Export) -> None:
    export.write(deals=DEALS_HEADER.replace("amount", "value"))
    with pytest.raises(ImportRefused) as refused:
        export.load()
    assert str(refused.value) == (
        "deals.csv: deals.amount: unknown column “amount”; "
        "there are closed, created, customer, id, name, owner, stage, value."
    )


def test_amounts_that_name_no_currency_are_in_the_companys_or_the_given_one(
    export: Export,
) -> None:
    Company.objects.update_or_create(pk=1, defaults={"currency": "EUR"})
    export.deals("1,A,,Min,Offer,1,2026-01-05,").load()
    export.deals("2,B,,Min,Offer,1,2026-01-05,").load(currency="USD")
    assert dict(Deal.objects.values_list("external_id", "currency")) == {"1": "EUR", "2": "USD"}


def test_days_begin_in_the_companys_time_zone(export: Export) -> None:
    Company.objects.update_or_create(pk=1, defaults={"time_zone": "America/New_York"})
    export.deals("1,A,,Min,Won,1,2026-01-05,2026-02-05").load()
    assert Deal.objects.get().closed_at == datetime.fromisoformat("2026-02-05T05:00:00+00:00")


def test_products_are_known_by_their_names_and_have_a_list_price(export: Export) -> None:
    export.add(
        """
        [products]
        file = "products.csv"
        columns = { name = "name", list_price = "price" }
        """
    ).write(products="name,price\nAnvil,1000\n").deals().load()
    assert list(Product.objects.values_list("external_id", "list_price")) == [
        ("Anvil", Decimal(1000))
    ]


cells = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "Min", "Won", "Offer", "1e3", "-0", "2026-01-05", "2026-02-29", "\\N"]),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(cells, min_size=8, max_size=8), min_size=1, max_size=4))
def test_no_cells_break_an_import(export: Export, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    export.write(deals=DEALS_HEADER + text.getvalue())
    with transaction.atomic():
        report = export.load(dry_run=True)
        transaction.set_rollback(True)
    deals = report.tables[-1]
    assert deals.rejected + deals.counts.created == deals.read
