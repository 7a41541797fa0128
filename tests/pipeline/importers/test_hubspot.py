"""A small HubSpot export, in the columns that connectors write."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import Membership, User
from history import version_model
from pipeline.importers.loading import load
from pipeline.importers.mapping import PRESETS, read_mapping
from pipeline.importers.report import Report
from pipeline.models import Deal, SalesProcess, Stage

pytestmark = pytest.mark.django_db

FILES = {
    "owner": "owner_id,email,first_name,last_name\n1,min@example.org,Min,Kim\n2,x==,Ji,Park\n",
    "team": "id,name\n7,East\n8,West\n",
    "owner_team": "owner_id,team_id,is_team_primary\n1,7,true\n1,8,false\n2,8,true\n99,8,true\n",
    "company": (
        "id,is_deleted,property_name,property_industry,property_country,property_createdate\n"
        "C1,false,Hanbit,Energy,Korea,2026-01-01 00:00:00\n"
    ),
    "deal_pipeline": (
        "pipeline_id,_fivetran_deleted,label,display_order\n"
        "renewals,FALSE,Renewals,1\nnew,FALSE,New business,0\nold,TRUE,Old,2\n"
    ),
    "deal_pipeline_stage": (
        "stage_id,pipeline_id,label,display_order,probability,closed_won,is_closed,"
        "_fivetran_deleted\n"
        "s2,new,Offer,1,0.6,FALSE,FALSE,FALSE\ns1,new,Talking,0,0.2,FALSE,FALSE,FALSE\n"
        "s3,new,Won,2,1.0,TRUE,TRUE,FALSE\ns4,new,Lost,3,0.0,FALSE,TRUE,FALSE\n"
        "r1,renewals,Talking,0,0.5,FALSE,FALSE,FALSE\nr2,renewals,Won,1,1.0,TRUE,TRUE,FALSE\n"
    ),
    "deal": (
        "deal_id,is_deleted,deal_pipeline_id,deal_pipeline_stage_id,owner_id,property_dealname,"
        "property_amount,property_closedate,property_createdate\n"
        "1,false,new,s3,1,Grid,300,2026-02-20 05:00:00,2026-01-05 01:00:00\n"
        "2,false,renewals,r1,,Meter,80,2026-12-20 00:00:00,2026-01-10 01:00:00\n"
        "3,true,new,s1,2,Oops,,,2026-01-11 01:00:00\n"
    ),
    "deal_company": "deal_id,company_id\n1,C1\n2,C404\n",
    "deal_stage": (
        "deal_id,value,date_entered\n"
        "1,s1,2026-01-05 02:00:00\n1,s2,2026-02-01 00:00:00\n1,s3,2026-02-20 05:00:00\n"
        "2,r1,2026-01-10 01:00:00\n2,s404,2026-01-09 01:00:00\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / f"{name}_data.csv").write_text(content, "utf-8")
    return tmp_path


def load_all(folder: Path) -> Report:
    report = Report(rejected_folder=folder / "rejected", stamp="now")
    load(folder, read_mapping(PRESETS / "hubspot.toml"), report, currency="USD")
    assert report.rejections == []
    return report


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_pipelines_are_processes_whose_stages_stand_in_order(folder: Path) -> None:
    report = load_all(folder)
    assert list(SalesProcess.objects.values_list("name", "is_default")) == [
        ("New business", True),
        ("Renewals", False),
    ]
    stages = Stage.objects.order_by("process__name", "position")
    assert list(stages.values_list("process__name", "name", "outcome", "probability")) == [
        ("New business", "Talking", "open", Decimal("0.2")),
        ("New business", "Offer", "open", Decimal("0.6")),
        ("New business", "Won", "won", 1),
        ("New business", "Lost", "lost", 0),
        ("Renewals", "Talking", "open", Decimal("0.5")),
        ("Renewals", "Won", "won", 1),
        ("Renewals", "Lost", "lost", 0),
    ]
    assert report.notes["stages made, since every process can be won and lost"] == 1


def test_deals_have_their_company_their_owners_team_and_their_past(folder: Path) -> None:
    load_all(folder)
    deal = Deal.objects.get(external_id="1")
    assert deal.customer is not None
    assert (deal.customer.name, deal.team and deal.team.name) == ("Hanbit", "East")
    versions = version_model(Deal).objects.known().filter(row=deal).select_related("stage")
    assert [(v.valid_from, v.stage and v.stage.name, v.customer_id) for v in versions] == [
        (utc(2026, 1, 5, 1), None, deal.customer_id),
        (utc(2026, 1, 5, 2), "Talking", deal.customer_id),
        (utc(2026, 2, 1), "Offer", deal.customer_id),
        (utc(2026, 2, 20, 5), "Won", deal.customer_id),
    ]


def test_a_deal_without_owner_has_one_that_nobody_knows(folder: Path) -> None:
    report = load_all(folder)
    deal = Deal.objects.get(external_id="2")
    assert (deal.owner.name, deal.owner.is_active, deal.customer) == (
        "Owner not known",
        False,
        None,
    )
    (note,) = (text for text in report.notes if text.startswith("people made because"))
    assert report.notes[note] == 1
    assert not Deal.objects.filter(external_id="3").exists()


def test_only_primary_teams_count_and_masked_addresses_are_replaced(folder: Path) -> None:
    load_all(folder)
    teams = Membership.objects.values_list("user__name", "team__name").order_by("user__name")
    assert list(teams) == [("Ji Park", "West"), ("Min Kim", "East")]
    assert User.objects.get(name="Ji Park").email == "ji-park@example.com".replace("-", ".")


def test_renamed_stages_keep_their_deals_and_a_second_load_changes_nothing(folder: Path) -> None:
    load_all(folder)
    again = load_all(folder)
    assert {t.table: t.counts.written for t in again.tables if t.counts.written} == {}
    stages = FILES["deal_pipeline_stage"].replace("Offer", "Proposal")
    (folder / "deal_pipeline_stage_data.csv").write_text(stages, "utf-8")
    renamed = load_all(folder)
    assert sum(t.counts.updated for t in renamed.tables) == 1
    assert Stage.objects.get(external_id="s2").name == "Proposal"
