"""The Maven CRM export: the figures that others have published from it, and its oddities."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import mean, median
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q, Sum
from django.db.models.functions import TruncQuarter

from accounts.models import Membership, Team, User
from accounts.roles import Role
from history import version_model
from pipeline.importers.loading import load
from pipeline.importers.mapping import PRESETS, read_mapping
from pipeline.importers.report import Report
from pipeline.models import Customer, Deal, DealLine, Product, SalesProcess, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("maven")]

SEOUL = ZoneInfo("Asia/Seoul")
DealVersion = version_model(Deal)


def seoul(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=SEOUL)


def won_amount(condition: Q | None = None) -> Decimal:
    won = Deal.objects.filter(condition or Q(), outcome="won")
    return Decimal(won.aggregate(total=Sum("amount"))["total"])


def test_won_and_closed_deals_are_those_published() -> None:
    assert Deal.objects.filter(outcome="won").count() == 4_238
    assert Deal.objects.exclude(outcome="open").count() == 6_711


def test_revenue_by_quarter_of_close() -> None:
    assert won_amount() == 10_005_534
    by_quarter = (
        Deal.objects.filter(outcome="won")
        .annotate(quarter=TruncQuarter("closed_at", tzinfo=SEOUL))
        .values("quarter")
        .annotate(total=Sum("amount"))
        .order_by("quarter")
    )
    assert [row["total"] for row in by_quarter] == [
        1_134_672,
        3_086_111,
        2_982_255,
        2_802_496,
    ]


def test_the_cycle_runs_from_engagement_to_close() -> None:
    dates = Deal.objects.filter(outcome="won").values_list("first_contact_at", "closed_at")
    days = [
        (closed.astimezone(SEOUL).date() - met.astimezone(SEOUL).date()).days
        for met, closed in dates
        if met and closed
    ]
    assert round(mean(days), 1) == 51.8
    assert median(days) == 57


def test_revenue_of_a_region_and_of_a_managers_team() -> None:
    assert won_amount(Q(team__parent__name="West")) == 3_568_647
    assert won_amount(Q(team__name="Melvin Marxen")) == 2_251_930


def test_a_managers_team_lies_in_a_region_and_is_led_by_the_manager() -> None:
    team = Team.objects.get(name="Melvin Marxen")
    assert (team.slug, str(team.parent)) == ("melvin-marxen", "Central")
    lead = User.objects.get(name="Melvin Marxen")
    assert (lead.role, lead.email) == (Role.LEAD, "melvin.marxen@example.com")
    assert lead.memberships.get().team == team


def test_agents_without_deals_are_people_too() -> None:
    agents = User.objects.filter(role=Role.REP)
    assert agents.count() == 35
    assert agents.filter(deals=None).count() == 5
    assert not agents.filter(memberships=None).exists()


def test_memberships_begin_with_the_first_day_that_is_known() -> None:
    assert set(Membership.objects.values_list("start", flat=True)) == {date(2016, 10, 20)}
    versions = version_model(Membership).objects.at(seoul("2016-10-20"))
    assert versions.count() == Membership.objects.count() == 41


def test_open_and_lost_deals_are_worth_their_list_price_and_say_that_it_is_an_estimate() -> None:
    unwon = Deal.objects.exclude(outcome="won").values_list(
        "amount", "amount_estimated", "lines__product__list_price"
    )
    assert len(unwon) == 2_089 + 2_473
    assert all(amount == price and estimated for amount, estimated, price in unwon)
    assert not Deal.objects.filter(outcome="won", amount_estimated=True).exists()


def test_every_deal_has_the_line_of_its_product() -> None:
    assert DealLine.objects.count() == 8_800
    assert DealLine.objects.filter(product__name="GTX Pro").count() == 1_480
    assert not Product.objects.filter(name="GTXPro").exists()


def test_customers_carry_their_segments() -> None:
    acme = Customer.objects.get(external_id="Acme Corporation")
    assert (acme.industry, acme.size_band) == ("technology", "enterprise")
    assert acme.region == "United States"
    assert Deal.objects.filter(outcome="open", customer=None).count() == 1_425


def test_both_open_stages_are_in_the_forecasts_pipeline() -> None:
    process = SalesProcess.objects.get(slug="maven")
    stages = Stage.objects.filter(process=process).values_list("name", "category", "outcome")
    assert list(stages) == [
        ("Prospecting", "pipeline", "open"),
        ("Engaging", "pipeline", "open"),
        ("Won", "closed", "won"),
        ("Lost", "omitted", "lost"),
    ]


def test_prospecting_deals_have_no_known_creation() -> None:
    unknown = Deal.objects.filter(created_at=None)
    assert unknown.count() == 500
    assert set(unknown.values_list("stage__name", flat=True)) == {"Prospecting"}


def test_a_won_deal_was_engaging_at_its_list_price_before() -> None:
    deal = Deal.objects.get(external_id="1C1I7A6R")
    before, after = DealVersion.objects.known().filter(row=deal.pk).select_related("stage")
    assert (before.stage.name, before.outcome, before.closed_at) == ("Engaging", "open", None)
    assert (before.amount, before.amount_estimated) == (1096, True)
    assert before.valid_from == seoul("2016-10-20")
    assert (after.stage.name, after.outcome, after.amount) == ("Won", "won", 1054)
    assert before.valid_to == after.valid_from == after.closed_at == seoul("2017-03-01")


def test_the_past_is_what_it_was_on_any_day() -> None:
    then = DealVersion.objects.at(seoul("2017-07-01"))
    still_open = Deal.objects.filter(
        Q(closed_at=None) | Q(closed_at__gt=seoul("2017-07-01")),
        created_at__lte=seoul("2017-07-01"),
    )
    assert then.filter(outcome="open").count() == still_open.count() > 1_000
    won_by_then = won_amount(Q(closed_at__lte=seoul("2017-07-01")))
    assert then.filter(outcome="won").aggregate(total=Sum("amount"))["total"] == won_by_then


def test_nobody_knew_of_it_before_the_import() -> None:
    midsummer, new_year = seoul("2017-07-01"), seoul("2017-12-31")
    assert not DealVersion.objects.at(midsummer, known_at=new_year).exists()


def test_the_import_says_what_it_dealt_with(maven: Report) -> None:
    assert maven.notes == {
        "customers: industry “technolgy” read as “technology”": 12,
        "deals: product “GTXPro” read as “GTX Pro”": 1_480,
        "deals: no date, so their creation is not known": 500,
        "deals: no customer named": 1_425,
        "deals: not won, so the list price stands in as an estimate": 4_562,
    }
    assert [(t.table, t.read, t.counts.created) for t in maven.tables] == [
        ("teams", 3, 3),
        ("teams", 6, 6),
        ("people", 6, 6),
        ("people", 35, 35),
        ("products", 7, 7),
        ("customers", 85, 85),
        ("deals", 8_800, 8_800),
    ]


def test_loading_the_same_files_again_changes_nothing(shared_data: Path, tmp_path: Path) -> None:
    versions = DealVersion.objects.count()
    again = Report(rejected_folder=tmp_path, stamp="again")
    load(shared_data / "maven_crm", read_mapping(PRESETS / "maven.toml"), again)
    assert {(t.counts.created, t.counts.updated) for t in again.tables} == {(0, 0)}
    assert sum(t.counts.unchanged for t in again.tables) == 8_800 + 85 + 7 + 41 + 9
    assert DealVersion.objects.count() == versions
    assert set(Deal.objects.values_list("revision", flat=True)) == {1}
