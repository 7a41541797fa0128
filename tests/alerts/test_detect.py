"""A crossing opens one incident and calls for one mail a recipient; recovering closes it."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Company, User
from alerts import actions
from alerts.detect import Report, evaluate
from alerts.models import AlertRule, Delivery, Incident, Transition, Watch
from kpis.declarations import State
from pipeline.models import Cost, Deal, Rate, Target
from tests.alerts.rules import NOW, make_rule
from tests.cast import Cast, make_cast, make_customer, make_deal, seoul


def minutes(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


def win(cast: Cast, amount: int, owner: User | None = None, **fields: Any) -> Deal:
    fields = {"closed_at": seoul(2026, 2, 10), **fields}
    return make_deal(cast, owner or cast.minsu, cast.won, amount=amount, **fields)


def kinds(report: Report) -> list[str]:
    return [transition.kind for transition in report.transitions]


def story(rule: AlertRule) -> list[tuple[str, Any]]:
    steps = Transition.objects.filter(incident__rule=rule)
    return [(step.kind, step.value) for step in steps]


def mailed_to(transition: Transition) -> set[str]:
    return {delivery.recipient.name for delivery in transition.deliveries.all()}


def test_a_crossing_opens_one_incident_and_one_mail_a_recipient(cast: Cast) -> None:
    rule = make_rule(cast, recipients=[cast.eunji, cast.finn])
    win(cast, 9_000_000)

    report = evaluate(at=NOW)

    assert kinds(report) == ["fired"]
    incident: Any = Incident.objects.get()
    assert (incident.opened_value, incident.opened_at, incident.resolved_at) == (
        9_000_000,
        NOW,
        None,
    )
    assert (incident.rule, incident.threshold, incident.period) == (
        rule,
        10_000_000,
        "this-quarter",
    )
    assert mailed_to(report.transitions[0]) == {"Eunji", "Finn"}
    assert report.transitions[0].period == "2026-Q1"


def test_evaluating_again_changes_nothing(cast: Cast) -> None:
    make_rule(cast)
    evaluate(at=NOW)

    assert [kinds(evaluate(at=at)) for at in (NOW, minutes(1), minutes(2))] == [[], [], []]
    assert (Incident.objects.count(), Delivery.objects.count()) == (1, 1)


def test_recovering_closes_the_incident_and_tells_those_who_were_told(cast: Cast) -> None:
    rule = make_rule(cast, recipients=[cast.eunji, cast.finn])
    evaluate(at=NOW)
    rule.recipients.set([cast.sam])
    win(cast, 12_000_000)

    report = evaluate(at=minutes(1))

    assert kinds(report) == ["resolved"]
    assert mailed_to(report.transitions[0]) == {"Eunji", "Finn"}
    incident: Any = Incident.objects.get()
    assert (incident.resolved_at, incident.resolved_value) == (minutes(1), 12_000_000)


def test_crossing_again_opens_another_incident(cast: Cast) -> None:
    rule = make_rule(cast)
    evaluate(at=NOW)
    deal = win(cast, 12_000_000)
    evaluate(at=minutes(1))
    deal.delete()

    evaluate(at=minutes(2))

    assert story(rule) == [("fired", 0), ("resolved", 12_000_000), ("fired", 0)]
    assert [incident.is_open for incident in Incident.objects.order_by("opened_at")] == [
        False,
        True,
    ]


def test_a_value_that_equals_the_threshold_is_not_beyond_it(cast: Cast) -> None:
    below = make_rule(cast)
    above = make_rule(cast, direction="above")
    deal = win(cast, 10_000_000)
    evaluate(at=NOW)
    assert story(below) == story(above) == []

    Deal.objects.filter(pk=deal.pk).update(amount=10_000_001)
    evaluate(at=minutes(1))
    assert (story(below), story(above)) == ([], [("fired", 10_000_001)])

    Deal.objects.filter(pk=deal.pk).update(amount=10_000_000)
    evaluate(at=minutes(2))
    assert story(above)[-1] == ("resolved", 10_000_000)


def test_the_farthest_value_of_an_incident_is_kept(cast: Cast) -> None:
    make_rule(cast)
    deal = win(cast, 8_000_000)
    for minute, amount in enumerate((8_000_000, 5_000_000, 7_000_000)):
        Deal.objects.filter(pk=deal.pk).update(amount=amount)
        evaluate(at=minutes(minute))
    incident: Any = Incident.objects.get()
    assert (incident.opened_value, incident.peak) == (8_000_000, 5_000_000)


def test_rates_are_fractions_and_ratios_are_times(cast: Cast) -> None:
    win(cast, 1)
    for _ in range(2):
        make_deal(cast, cast.minsu, cast.lost, lost_reason="price")
    rate = make_rule(cast, kpi="win_rate", threshold=Decimal("0.35"))
    Target.objects.create(kpi="won_revenue", value=11, start=date(2026, 1, 1), end=date(2026, 4, 1))
    make_deal(cast, cast.minsu, 2, amount=20, expected_close=date(2026, 3, 20))
    ratio = make_rule(cast, kpi="pipeline_coverage", threshold=3)

    evaluate(at=NOW)

    assert story(rate) == [("fired", Decimal("0.3333333333"))]
    assert story(ratio) == [("fired", 2)]
    assert rate.watch.value is None  # as it was created
    assert Watch.objects.get(rule=rate).value == Decimal("0.3333333333")


def test_a_basis_of_the_kpi_is_read(cast: Cast) -> None:
    win(cast, 100)
    make_deal(cast, cast.minsu, cast.lost, amount=300, lost_reason="price")
    rule = make_rule(cast, kpi="win_rate", basis="value", threshold=Decimal("0.3"))
    evaluate(at=NOW)
    assert story(rule) == [("fired", Decimal("0.25"))]


def test_nothing_measured_is_neither_alarming_nor_well(cast: Cast) -> None:
    rule = make_rule(cast, kpi="win_rate", threshold=Decimal("0.5"))
    report = evaluate(at=NOW)
    assert (report.unknown, story(rule)) == (1, [])
    assert Watch.objects.get(rule=rule).measured == State.EMPTY

    lost = make_deal(cast, cast.minsu, cast.lost, lost_reason="price")
    evaluate(at=minutes(1))
    lost.delete()
    evaluate(at=minutes(2))
    assert story(rule) == [("fired", 0)]
    assert Incident.objects.get().is_open


def test_without_an_exchange_rate_an_incident_stays_as_it_is(cast: Cast) -> None:
    rule = make_rule(cast)
    evaluate(at=NOW)
    win(cast, 10_000_000, currency="USD")
    evaluate(at=minutes(1))
    assert Watch.objects.get(rule=rule).measured == State.NO_RATE
    Rate.objects.create(currency="USD", day=date(2026, 2, 9), price=1400)
    evaluate(at=minutes(2))
    assert story(rule) == [("fired", 0), ("resolved", 14_000_000_000)]


def test_coverage_of_a_target_that_is_met_is_well(cast: Cast) -> None:
    rule = make_rule(cast, kpi="pipeline_coverage", threshold=3)
    q1 = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}
    Target.objects.create(kpi="won_revenue", value=10, **q1)
    evaluate(at=NOW)
    win(cast, 10)
    evaluate(at=minutes(1))
    assert story(rule) == [("fired", 0), ("resolved", None)]


def test_a_figure_must_stay_beyond_the_threshold_for_as_long_as_the_rule_says(cast: Cast) -> None:
    rule = make_rule(cast, hold_minutes=10)
    evaluate(at=NOW)
    evaluate(at=minutes(9))
    assert story(rule) == []
    deal = win(cast, 20_000_000)
    evaluate(at=minutes(10))
    deal.delete()
    evaluate(at=minutes(11))
    evaluate(at=minutes(20))
    assert story(rule) == []
    evaluate(at=minutes(21))
    assert story(rule) == [("fired", 0)]


def test_a_new_quarter_is_counted_anew(cast: Cast) -> None:
    rule = make_rule(cast, direction="above")
    win(cast, 11_000_000)
    evaluate(at=NOW)
    evaluate(at=seoul(2026, 4, 1))
    steps = Transition.objects.filter(incident__rule=rule)
    assert [(step.kind, step.period) for step in steps] == [
        ("fired", "2026-Q1"),
        ("resolved", "2026-Q2"),
    ]


def test_scopes_are_read_apart(cast: Cast) -> None:
    win(cast, 20_000_000, cast.bora)
    everyone = make_rule(cast)
    seoul_1 = make_rule(cast, by=cast.lee, scope="team:seoul-1")
    bora = make_rule(cast, scope=f"user:{cast.bora.pk}", direction="above")
    evaluate(at=NOW)
    assert (story(everyone), story(seoul_1), story(bora)) == (
        [],
        [("fired", 0)],
        [("fired", 20_000_000)],
    )


def test_who_may_not_open_the_figure_is_not_told(cast: Cast) -> None:
    rule = make_rule(cast)
    rule.recipients.set([cast.eunji, cast.lee, cast.minsu])
    (fired,) = evaluate(at=NOW).transitions
    assert mailed_to(fired) == {"Eunji"}


def test_costs_are_told_to_nobody_without_the_right_to_them(cast: Cast) -> None:
    Cost.objects.create(kind="marketing", day=date(2026, 2, 1), amount=600)
    win(cast, 100, customer=make_customer())
    rule = make_rule(cast, kpi="cac", direction="above", threshold=500)
    rule.recipients.set([cast.finn, cast.rho])
    (fired,) = evaluate(at=NOW).transitions
    assert mailed_to(fired) == {"Finn"}


def test_a_rule_whose_owner_lost_the_right_is_not_read(cast: Cast) -> None:
    rule = make_rule(cast, by=cast.lee, scope="team:seoul-1")
    cast.lee.memberships.update(team=cast.teams["busan-1"])
    evaluate(at=NOW)
    assert story(rule) == []
    assert Watch.objects.get(rule=rule).measured == Watch.REFUSED


def test_a_paused_rule_is_not_read_and_its_incident_ends_without_mail(cast: Cast) -> None:
    rule = make_rule(cast)
    evaluate(at=NOW)
    actions.edit_rule(
        rule=rule, by=cast.eunji, at=minutes(1), revision=1, changes={"is_active": False}
    )
    assert evaluate(at=minutes(2)).evaluated == 0
    assert story(rule) == [("fired", 0), ("stopped", None)]
    assert Delivery.objects.count() == 1


def test_a_value_read_before_the_rule_changed_is_not_recorded(cast: Cast) -> None:
    rule = make_rule(cast)
    actions.edit_rule(
        rule=rule, by=cast.eunji, at=minutes(5), revision=1, changes={"threshold": 20_000_000}
    )
    evaluate(at=NOW)
    assert story(rule) == []
    evaluate(at=minutes(6))
    assert story(rule) == [("fired", 0)]


def test_however_many_rules_an_owner_has_one_statement_reads_their_figures(cast: Cast) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            evaluate(at=NOW + timedelta(seconds=Watch.objects.count()))
        return len(queries)

    win(cast, 50_000_000)
    make_rule(cast)
    Company.current()
    few = count()
    for key in ("won_deals", "new_deals", "open_pipeline", "weighted_pipeline"):
        make_rule(cast, kpi=key, threshold=-1)
    assert count() == few


def test_of_changed_facts_only_the_rules_that_they_may_move_are_evaluated(cast: Cast) -> None:
    deals = make_rule(cast)
    leads = make_rule(cast, kpi="lead_volume", threshold=5)

    assert evaluate(at=NOW, facts=["contract"]).evaluated == 0
    assert evaluate(at=NOW, facts=["deal", "dealline"]).evaluated == 1
    assert [len(story(rule)) for rule in (deals, leads)] == [1, 0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_evaluators_at_once_open_one_incident(transactional_db: None) -> None:
    cast = make_cast()
    for _ in range(5):
        make_rule(cast, recipients=[cast.eunji, cast.finn])
    start = threading.Barrier(4)

    def run(number: int) -> None:
        try:
            start.wait()
            for step in range(3):
                evaluate(at=NOW + timedelta(seconds=step, microseconds=number))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Incident.objects.count() == 5
    assert Transition.objects.count() == 5
    assert Delivery.objects.count() == 10
