"""What the demo company's rows must hold to, whatever the seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import Count, F, Max, Min, Q, Sum

from accounts.models import Company, Membership, Team, User
from accounts.roles import Role
from history import version_model
from history.models import infinity
from history.versioning import versioned_models
from pipeline.bulk.tables import tracked_columns
from pipeline.demo.plan import Plan
from pipeline.models import (
    Activity,
    Contract,
    Cost,
    CostKind,
    Customer,
    Deal,
    DealKind,
    DealLine,
    Lead,
    LeadStatus,
    LostReason,
    Outcome,
    Rate,
    Stage,
    Target,
    Touched,
    Visit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
DealVersion = version_model(Deal)


@pytest.mark.parametrize("model", versioned_models(), ids=lambda model: model.__name__)
def test_the_last_version_of_every_row_equals_it(model: Any) -> None:
    columns = tracked_columns(model)
    rows = {row[0]: row[1:] for row in model.objects.values_list("pk", *columns)}
    present = version_model(model).objects.filter(valid_to=infinity())
    last = present.values_list("row_id", *columns)
    assert {version[0]: version[1:] for version in last} == rows


@pytest.mark.parametrize("model", versioned_models(), ids=lambda model: model.__name__)
def test_versions_of_a_row_follow_each_other_without_gap_or_overlap(model: Any) -> None:
    spans = version_model(model).objects.order_by("row_id", "valid_from")
    before: tuple[int, object] | None = None
    for row, start, end in spans.values_list("row_id", "valid_from", "valid_to"):
        if before is not None and before[0] == row:
            assert before[1] == start
        before = (row, end)
    endless = version_model(model).objects.filter(valid_to=infinity())
    assert endless.count() == model.objects.count()


def test_nothing_lies_in_the_future(demo: Plan) -> None:
    for model in (Deal, Lead, Contract, Cost, Target, Rate):
        latest = version_model(model).objects.aggregate(Max("valid_from"))["valid_from__max"]
        assert latest <= demo.until
    assert Activity.objects.filter(at__gt=demo.until).count() == 0
    assert (
        Deal.objects.filter(Q(closed_at__gt=demo.until) | Q(created_at__gt=demo.until)).count() == 0
    )


def test_there_are_as_many_deals_as_asked_for_and_two_leads_for_each(demo: Plan) -> None:
    assert Deal.objects.count() == demo.deals
    assert Lead.objects.count() == 2 * demo.deals


def test_a_deal_has_the_outcome_of_its_stage_now_and_in_the_past() -> None:
    assert Deal.objects.exclude(outcome=F("stage__outcome")).count() == 0
    assert DealVersion.objects.exclude(outcome=F("stage__outcome")).count() == 0


def test_product_lines_add_up_to_their_deal_now_and_in_the_past() -> None:
    sums = dict(DealLine.objects.values_list("deal").annotate(Sum("amount")))
    assert sums == dict(Deal.objects.values_list("pk", "amount"))
    past = version_model(DealLine).objects
    for version in DealVersion.objects.order_by("?")[:50]:
        lines = past.at(version.valid_from).filter(deal=version.row_id)
        assert lines.aggregate(Sum("amount"))["amount__sum"] == version.amount


def test_closed_deals_are_credited_to_the_team_that_their_owner_was_in() -> None:
    calendar = Company.current().calendar
    spans = list(Membership.objects.values_list("user", "team", "start", "end"))
    for owner, team, closed in Deal.objects.exclude(outcome="open").values_list(
        "owner", "team", "closed_at"
    ):
        day = calendar.business_day(closed)
        teams = {t for u, t, start, end in spans if u == owner and start <= day < (end or day.max)}
        assert team in teams


def test_open_deals_belong_to_people_who_still_work_here() -> None:
    assert Deal.objects.filter(outcome="open", owner__is_active=False).count() == 0


def test_a_team_moved_in_the_tree_and_what_it_won_before_stayed(demo: Plan) -> None:
    moved = Team.objects.get(slug="daejeon-1")
    former, present = version_model(Team).objects.filter(row=moved).order_by("valid_from")
    assert (former.parent.slug, present.parent.slug) == ("capital", "regional")
    assert present.valid_from == demo.calendar.start_of(demo.reorganised_on)


def test_people_act_in_working_hours_of_working_days() -> None:
    calendar = Company.current().calendar
    for instant in DealVersion.objects.values_list("valid_from", flat=True):
        local = instant.astimezone(calendar.zone)
        assert calendar.is_working_day(local.date())
        assert 9 <= local.hour < 19


def test_deals_take_some_five_versions_with_steps_back_and_some_taken_up_again() -> None:
    per_deal = DealVersion.objects.count() / Deal.objects.count()
    assert 4 < per_deal < 6.5
    stages: dict[int, list[int]] = {}
    for deal, position in DealVersion.objects.order_by("row_id", "valid_from").values_list(
        "row_id", "stage__position"
    ):
        stages.setdefault(deal, []).append(position)
    moves = [pair for path in stages.values() for pair in pairwise(path)]
    assert any(after == before - 1 for before, after in moves)
    assert any(before == 9 and after < 8 for before, after in moves)
    assert any(after == before + 2 for before, after in moves if after < 8)


def test_expected_closes_slip_and_some_are_overdue(demo: Plan) -> None:
    said = DealVersion.objects.values("row_id").annotate(n=Count("expected_close", distinct=True))
    assert sum(row["n"] > 2 for row in said) > demo.deals / 10
    overdue = Deal.objects.filter(outcome="open", expected_close__lt=demo.today).count()
    assert 0 < overdue < Deal.objects.filter(outcome="open").count() / 3


def test_some_owners_see_their_deal_otherwise_than_its_stage_does() -> None:
    said = set(DealVersion.objects.values_list("stage__position", "category"))
    assert {category for _position, category in said} == {"", "best_case", "commit"}
    assert DealVersion.objects.exclude(outcome="open").exclude(category="").count() == 0


def test_lost_deals_have_a_reason_and_few_were_never_real() -> None:
    lost = Deal.objects.filter(outcome=Outcome.LOST)
    assert lost.filter(lost_reason="").count() == 0
    unreal = lost.filter(lost_reason__in=LostReason.outside_win_rates()).count()
    assert 0 < unreal < lost.count() / 8


def test_reps_differ() -> None:
    closed = Count("deals", filter=~Q(deals__outcome="open"))
    won = Count("deals", filter=Q(deals__outcome="won"))
    people = User.objects.filter(role=Role.REP).annotate(closed=closed, won=won)
    rates = [person.won / person.closed for person in people if person.closed >= 10]
    assert max(rates) - min(rates) > 0.1


def test_every_kind_of_deal_is_there_and_one_in_twelve_is_in_dollars(demo: Plan) -> None:
    kinds = Counter(Deal.objects.values_list("kind", flat=True))
    assert set(kinds) == set(DealKind.values)
    assert 0.03 < Deal.objects.filter(currency="USD").count() / demo.deals < 0.15


def test_dollars_have_a_price_at_most_a_week_old_on_every_day(demo: Plan) -> None:
    days = list(Rate.objects.order_by("day").values_list("day", flat=True))
    assert max(later - day for day, later in pairwise(days)).days <= 3
    assert days[0] < demo.start
    assert demo.today - days[-1] < timedelta(days=3)


def test_amounts_are_round() -> None:
    won = Deal.objects.filter(currency="KRW").values_list("amount", flat=True)
    assert {amount % 10_000 for amount in won} == {Decimal(0)}


def test_converted_leads_are_those_with_a_deal_of_the_same_customer_and_source() -> None:
    converted = Lead.objects.filter(status=LeadStatus.CONVERTED)
    assert converted.filter(deal__isnull=True).count() == 0
    assert converted.exclude(deal__customer=F("customer")).count() == 0
    assert converted.exclude(deal__source=F("source")).count() == 0
    assert converted.exclude(deal__first_contact_at=F("created_at")).count() == 0
    assert Lead.objects.exclude(status=LeadStatus.CONVERTED).filter(deal__isnull=False).count() == 0
    assert 0.2 < converted.count() / Lead.objects.count() < 0.45


def test_renewals_follow_the_contract_that_they_renew() -> None:
    renewals = Contract.objects.filter(renews__isnull=False)
    assert renewals.count() > 10
    assert renewals.exclude(customer=F("renews__customer")).count() == 0
    assert renewals.filter(start__lte=F("renews__start")).count() == 0
    known = renewals.filter(deal__isnull=False)
    assert known.exclude(deal__kind=DealKind.RENEWAL).count() == 0


def test_contracts_are_worth_what_their_deal_was_won_for() -> None:
    valued = Contract.objects.filter(deal__isnull=False, is_trial=False, value__isnull=False)
    assert valued.exclude(value=F("deal__amount")).count() == 0
    assert (
        Contract.objects.filter(deal__isnull=False, is_trial=False)
        .exclude(deal__outcome="won")
        .count()
        == 0
    )
    assert Contract.objects.filter(is_trial=True).exclude(value=0).count() == 0


def test_every_won_deal_has_one_contract() -> None:
    counted = Deal.objects.filter(outcome="won").annotate(
        n=Count("contracts", filter=Q(contracts__is_trial=False))
    )
    assert set(counted.values_list("n", flat=True)) == {1}


def test_company_teams_and_people_have_targets_that_hang_together(demo: Plan) -> None:
    quarter = demo.quarters[-1]
    targets = Target.objects.filter(kpi="won_revenue", start=quarter.start, end=quarter.end)
    company = targets.get(team=None, user=None)
    assert company.value == Decimal(12_700_000_000) * demo.deals / 20_000
    assert company.parent is not None
    assert company.parent.parent is None
    assert set(targets.filter(user=None, team__isnull=False).values_list("team", flat=True)) == set(
        Team.objects.values_list("pk", flat=True)
    )
    reps = User.objects.filter(role=Role.REP, is_active=True, joined_on__lt=quarter.start)
    assert set(reps.values_list("pk", flat=True)) <= set(targets.values_list("user", flat=True))
    for target in targets.filter(user__isnull=False):
        assert target.parent is not None
        assert target.parent.team is not None


def test_targets_of_past_quarters_were_about_reached(demo: Plan) -> None:
    company = Target.objects.filter(kpi="won_revenue", team=None, user=None)
    for quarter in demo.quarters[:-1]:
        target = company.get(start=quarter.start, end=quarter.end)
        won = Deal.objects.won().filter(quarter.covers("closed_at"))
        assert Decimal("0.6") < sum(map(_in_won, won)) / target.value < Decimal("1.3")


def _in_won(deal: Deal) -> Decimal:
    assert deal.amount is not None
    assert deal.closed_at is not None
    if deal.currency == "KRW":
        return deal.amount
    day = Company.current().calendar.business_day(deal.closed_at)
    rate = Rate.objects.filter(day__lte=day).order_by("-day")[:1].get()
    return deal.amount * rate.price


def test_every_kind_of_cost_is_there_and_none_before_the_history(demo: Plan) -> None:
    kinds = set(Cost.objects.values_list("kind", flat=True))
    assert kinds == set(CostKind.values)
    assert Cost.objects.aggregate(Min("day"))["day__min"] >= demo.start
    assert (
        Cost.objects.filter(kind="delivery", deal__isnull=False)
        .exclude(deal__outcome="won")
        .count()
        == 0
    )


def test_customers_differ_in_every_segment() -> None:
    for segment in ("industry", "size_band", "region"):
        values = set(Customer.objects.values_list(segment, flat=True))
        assert len(values) >= 3
        assert "" not in values


def test_visits_are_counted_on_every_day(demo: Plan) -> None:
    days = set(Visit.objects.values_list("day", flat=True))
    assert len(days) == (demo.today - demo.start).days + 1


def test_the_stages_are_the_eight_steps_and_lost() -> None:
    stages = Stage.objects.order_by("position")
    assert [stage.name_ko for stage in stages][-2:] == ["수주", "실주"]
    assert stages.count() == 9


def test_versions_and_marks_are_as_a_bulk_write_leaves_them() -> None:
    assert Touched.objects.filter(fact="deal").count() == 1
    assert DealVersion.objects.exclude(recorded_from=F("valid_from")).count() == 0


def test_the_history_begins_with_the_first_quarter(demo: Plan) -> None:
    closed = Deal.objects.aggregate(Min("closed_at"))["closed_at__min"]
    assert closed >= demo.calendar.start_of(demo.start)
    assert demo.start.isoformat() == "2023-10-01"
    assert closed.astimezone(UTC).year == 2023
