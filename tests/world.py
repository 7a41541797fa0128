"""The cast with one row of every fact: what every route is called with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from alerts.models import AlertRule, Incident, Watch
from forecasting.models import Adjustment, Scenario, Submission
from kpis.models import Comment, SavedView
from pipeline.models import (
    Activity,
    Closing,
    Contract,
    Cost,
    Criterion,
    Customer,
    Deal,
    Lead,
    Product,
    Rate,
    Source,
    Target,
)
from tests.cast import Cast, make_customer, make_deal, seoul


@dataclass(frozen=True)
class World:
    """The cast with one row of every fact, all of them minsu's or of his team."""

    cast: Cast
    deal: Deal
    lead: Lead
    customer: Customer
    activity: Activity
    contract: Contract
    cost: Cost
    rate: Rate
    goal: Target
    source: Source
    product: Product
    criterion: Criterion
    rule: AlertRule
    incident: Incident
    comment: Comment
    view: SavedView
    scenario: Scenario
    closing: Closing
    submission: Submission
    adjustment: Adjustment


def make_world(cast: Cast) -> World:
    """Write the rows that routes are called with."""
    minsu, team = cast.minsu, cast.teams["seoul-1"]
    credit = {"owner": minsu, "team": team}
    day = seoul(2026, 3, 2)
    customer = make_customer(external_id="X")
    deal = make_deal(cast, minsu, customer=customer, external_id="X")
    watched = {"kpi": "won_revenue", "scope_kind": "user", "user": minsu, "threshold": 1}
    rule = AlertRule.objects.create(owner=minsu, external_id="X", **watched)
    Watch.objects.create(rule=rule)
    called = {"start": day.date(), "end": day.date().replace(month=4), "at": day}
    return World(
        cast,
        deal=deal,
        lead=Lead.objects.create(name="Kim", created_at=day, external_id="X", **credit),
        customer=customer,
        activity=Activity.objects.create(
            kind="call", at=day, person=minsu, team=team, deal=deal, external_id="X"
        ),
        contract=Contract.objects.create(
            customer=customer, start=day.date(), value=1, external_id="X", **credit
        ),
        cost=Cost.objects.create(kind="sales", day=day.date(), amount=1, external_id="X"),
        rate=Rate.objects.create(currency="USD", day=day.date(), price=Decimal(1390)),
        goal=Target.objects.create(
            kpi="won_revenue",
            team=team,
            start=day.date(),
            end=day.date().replace(month=4),
            value=1,
            external_id="X",
        ),
        source=Source.objects.create(slug="web", name="Web"),
        product=Product.objects.create(name="GTX Pro"),
        criterion=Criterion.objects.create(stage=cast.stages[2], name="Price"),
        rule=rule,
        comment=Comment.objects.create(
            team=team,
            start=day.date(),
            end=day.date().replace(month=4),
            text="Well done",
            author=cast.lee,
            created_at=day,
        ),
        incident=Incident.objects.create(
            rule=rule, opened_at=day, opened_value=0, peak=0, **watched
        ),
        closing=Closing.objects.create(
            code="2020",
            start=seoul(2020, 1, 1).date(),
            end=seoul(2021, 1, 1).date(),
            closed_by=cast.sam,
            closed_at=day,
        ),
        submission=Submission.objects.create(
            user=minsu,
            team=team,
            commit=0,
            best_case=0,
            base_closed=0,
            base_commit=0,
            base_best_case=0,
            **called,
        ),
        adjustment=Adjustment.objects.create(
            team=team,
            user=minsu,
            column="commit",
            number=1,
            value=1,
            base=0,
            reason="Sure",
            author=cast.lee,
            **called,
        ),
        view=SavedView.objects.create(owner=minsu, name="Mine", kpi="won_revenue", team=team),
        scenario=Scenario.objects.create(
            owner=minsu, name="Mine", scope="company", period="2026-Q1", team=team
        ),
    )
