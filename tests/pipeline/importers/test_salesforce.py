"""A small Salesforce export, in the columns that connectors write."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Team, User
from history import version_model
from pipeline.importers.loading import load
from pipeline.importers.mapping import PRESETS, read_mapping
from pipeline.importers.report import Report
from pipeline.models import Customer, Deal, DealLine, ImportedDeletion, Lead, Stage, Touched
from tests.cast import seoul

pytestmark = pytest.mark.django_db

DealVersion = version_model(Deal)

ROLES = """id,name,parent_role_id,_fivetran_active
R1,Sales,,true
R2,East,R1,true
"""
USERS = """id,name,email,user_role_id,is_active,_fivetran_deleted,_fivetran_active
U1,Lee,lee@example.org,R1,true,false,true
U2,Min,min@example.org,R2,true,false,true
U3,Gone,gone@example.org,R2,true,true,true
"""
ACCOUNTS = """id,name,industry,billing_country,owner_id,is_deleted,_fivetran_synced,_fivetran_active
A1,Hanbit,Energy,Korea,U2,false,2026-03-01 00:00:00,true
A2,Former,Energy,Korea,U2,true,2026-03-01 00:00:00,true
"""
DEALS_HEADER = (
    "id,name,account_id,owner_id,stage_name,is_won,is_closed,amount,probability,"
    "forecast_category,lead_source,type,close_date,created_date,next_step,is_deleted,"
    "_fivetran_synced,_fivetran_active\n"
)
WON = (
    "D1,Grid,A1,U2,Closed Won,true,true,300,100,Closed,Web,New Business,2026-02-20 00:00:00,"
    "2026-01-05 01:00:00,,{deleted},2026-03-01 00:00:00,true\n"
)
OPEN = (
    "D2,Meter,A1,U2,Proposal,false,false,80,70,BestCase,Web,Existing Business,"
    "2026-12-20 00:00:00,2026-01-10 01:00:00,Call,false,2026-03-01 00:00:00,true\n"
)
ALSO_OPEN = OPEN.replace("D2,Meter", "D4,Cable").replace("80,70,BestCase", "50,40,Pipeline")
THIRD = ALSO_OPEN.replace("D4", "D5")
LOST = (
    "D3,Old,A2,U9,Closed Lost,false,true,10,0,Omitted,,Renewal,2026-02-01 00:00:00,"
    "2026-01-02 01:00:00,,true,2026-03-01 00:00:00,true\n"
)
HISTORY_HEADER = (
    "id,_fivetran_start,_fivetran_end,stage_name,is_won,is_closed,account_id,owner_id,amount,"
    "probability,forecast_category,close_date,is_deleted\n"
)
HISTORY = HISTORY_HEADER + (
    "D1,2026-01-06 00:00:00,x,Proposal,false,false,A1,U1,100,40,Pipeline,2026-03-31,false\n"
    "D1,2026-01-20 00:00:00,x,Proposal,false,false,A1,U2,200,40,Pipeline,2026-02-28,false\n"
    "D1,2026-02-20 05:00:00,x,Closed Won,true,true,A1,U2,300,100,Closed,2026-02-20,false\n"
    "D2,2026-01-10 02:00:00,x,Proposal,false,false,A1,U2,60,40,Pipeline,2026-12-20,false\n"
    "D2,2026-02-10 02:00:00,x,Proposal,false,false,A1,U2,80,70,BestCase,2026-12-20,false\n"
    "D3,2026-01-02 02:00:00,x,Proposal,false,false,A2,U9,10,40,Pipeline,2026-02-01,false\n"
    "D3,2026-02-15 00:00:00,x,Closed Lost,false,true,A2,U9,10,0,Omitted,2026-02-01,true\n"
)
LINES = """id,opportunity_id,product_2_id,name,list_price,quantity,total_price,is_deleted
L1,D1,P1,Panel,100,1,100,false
L2,D1,P1,Panel,100,2,150,false
L3,D1,P2,Frame,50,1,50,true
"""
LEADS = (
    "id,name,company,email,owner_id,lead_source,industry,country,created_date,converted_date,"
    "converted_account_id,converted_opportunity_id,status,is_deleted\n"
    "E1,Kim,Hanbit,kim@example.org,U2,Web,Energy,Korea,2026-01-03 00:00:00,2026-01-05 00:00:00,"
    "A1,D1,Closed - Converted,false\n"
    "E2,Park,Nuri,masked==,U2,Web,Energy,Korea,2026-01-04 00:00:00,,,,Nurturing,false\n"
)


class Salesforce:
    """A folder of objects, loaded as often as a test likes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(user_role=ROLES, user=USERS, account=ACCOUNTS, opportunity_history=HISTORY)
        self.write(opportunity_line_item=LINES, lead=LEADS)
        self.deals(WON.format(deleted="false"), OPEN, ALSO_OPEN, THIRD, LOST)

    def write(self, **objects: str) -> None:
        for name, content in objects.items():
            (self.folder / f"sf_{name}_data.csv").write_text(content, "utf-8")

    def deals(self, *lines: str) -> None:
        self.write(opportunity=DEALS_HEADER + "".join(lines))

    def load(self) -> Report:
        report = Report(rejected_folder=self.folder / "rejected", stamp="now")
        load(self.folder, read_mapping(PRESETS / "salesforce.toml"), report, currency="USD")
        assert report.rejections == []
        return report


@pytest.fixture
def salesforce(tmp_path: Path) -> Salesforce:
    export = Salesforce(tmp_path)
    export.load()
    return export


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def past(row: int) -> list[tuple[Any, ...]]:
    """Since when a deal was in which stage, at what amount, and whether it was gone."""
    versions = DealVersion.objects.known().filter(row=row).select_related("stage")
    return [(v.valid_from, v.stage and v.stage.name, v.amount, v.deleted) for v in versions]


def test_roles_are_the_team_tree_and_those_above_lead(salesforce: Salesforce) -> None:
    assert Team.objects.get(name="East").parent == Team.objects.get(name="Sales")
    people = dict(User.objects.values_list("name", "role"))
    assert people["Lee"] == "lead"
    assert people["Min"] == "rep"
    assert not User.objects.get(name="Gone").is_active


def test_stages_come_from_the_deals_in_the_order_of_their_probability(
    salesforce: Salesforce,
) -> None:
    stages = Stage.objects.values_list("name", "outcome", "probability", "category")
    assert list(stages) == [
        ("Proposal", "open", Decimal("0.4"), "pipeline"),
        ("Closed Won", "won", Decimal(1), "closed"),
        ("Closed Lost", "lost", Decimal(0), "omitted"),
    ]


def test_what_differs_from_its_stage_is_the_deals_own(salesforce: Salesforce) -> None:
    own = dict(Deal.objects.values_list("external_id", "probability"))
    assert own == {"D1": None, "D2": Decimal("0.7"), "D4": None, "D5": None}
    deal = Deal.objects.get(external_id="D2")
    assert (deal.category, deal.kind, deal.source and deal.source.name) == (
        "best_case",
        "upsell",
        "Web",
    )
    assert (deal.created_at, deal.expected_close) == (utc(2026, 1, 10, 1), date(2026, 12, 20))


def test_history_tells_amounts_owners_and_close_dates_of_the_past(salesforce: Salesforce) -> None:
    deal = Deal.objects.get(external_id="D1")
    assert past(deal.pk) == [
        (utc(2026, 1, 5, 1), None, 300, False),
        (utc(2026, 1, 6), "Proposal", 100, False),
        (utc(2026, 1, 20), "Proposal", 200, False),
        (utc(2026, 2, 20, 5), "Closed Won", 300, False),
    ]
    early = DealVersion.objects.get(row=deal, valid_from=utc(2026, 1, 6))
    assert (early.owner.name, early.team.name) == ("Lee", "Sales")
    assert (early.expected_close, early.amount_estimated) == (date(2026, 3, 31), False)


def test_a_deal_is_in_its_stage_since_it_came_there_not_since_its_amount_changed(
    salesforce: Salesforce,
) -> None:
    assert Deal.objects.get(external_id="D2").stage_since == utc(2026, 1, 10, 2)


def test_a_deleted_deal_was_there_until_it_was_deleted(salesforce: Salesforce) -> None:
    assert not Deal.objects.filter(external_id="D3").exists()
    gone = ImportedDeletion.objects.get(fact="deal")
    assert past(gone.row_id) == [
        (utc(2026, 1, 2, 1), None, 10, False),
        (utc(2026, 1, 2, 2), "Proposal", 10, False),
        (seoul(2026, 2, 1), "Closed Lost", 10, False),
        (utc(2026, 2, 15), "Closed Lost", 10, True),
    ]
    assert not Customer.objects.filter(name="Former").exists()


def test_lines_of_one_product_add_up_and_deleted_ones_do_not_count(salesforce: Salesforce) -> None:
    (line,) = DealLine.objects.select_related("product")
    assert (line.product.name, line.quantity, line.amount) == (
        "Panel",
        Decimal(3),
        Decimal(250),
    )


def test_leads_convert_and_an_unknown_status_is_new(salesforce: Salesforce) -> None:
    converted, other = Lead.objects.order_by("external_id")
    assert (converted.status, converted.deal and converted.deal.name) == ("converted", "Grid")
    assert (other.status, other.email, other.owner and other.owner.name) == ("new", "", "Min")


def test_the_same_export_again_changes_nothing(salesforce: Salesforce) -> None:
    before = set(DealVersion.objects.values_list("pk", "recorded_to"))
    Touched.objects.all().delete()
    report = salesforce.load()
    assert {(t.counts.created, t.counts.updated) for t in report.tables} == {(0, 0)}
    assert set(DealVersion.objects.values_list("pk", "recorded_to")) == before
    assert not Touched.objects.exists()


def test_a_later_export_deletes_from_now_on_and_another_brings_it_back(
    salesforce: Salesforce,
) -> None:
    row = Deal.objects.get(external_id="D1").pk
    salesforce.deals(WON.format(deleted="true"), OPEN, LOST)
    report = salesforce.load()
    assert report.notes["deals: deleted there, so known in the past only"] == 1
    assert not Deal.objects.filter(external_id="D1").exists()
    *known, _won, gone = past(row)
    assert gone[1:] == ("Closed Won", 300, True)
    assert len(known) == 3
    assert Lead.objects.get(external_id="E1").deal is None

    salesforce.deals(WON.format(deleted="false"), OPEN, LOST)
    salesforce.load()
    deal = Deal.objects.get(external_id="D1")
    assert (deal.pk, deal.name) == (row, "Grid")
    assert past(row)[-1][1:] == ("Closed Won", 300, False)
    assert not ImportedDeletion.objects.filter(external_id="D1").exists()
