"""Who may open a figure, asked from both sides, gives one answer."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.scope import OutsideScope, resolve
from alerts.entitlement import entitled
from alerts.models import AlertRule
from kpis.registry import all_kpis
from tests.alerts.rules import NOW
from tests.cast import Cast


def rule_on(cast: Cast, scope: str, kpi: str = "won_revenue") -> AlertRule:
    """Written past the actions: nobody's rights stand in the way."""
    where = resolve(scope, cast.eunji)
    return AlertRule.objects.create(
        owner=cast.eunji,
        kpi=kpi,
        threshold=1,
        scope_kind=where.kind.value,
        team_id=where.id if scope.startswith("team") else None,
        user_id=where.id if scope.startswith("user") else None,
    )


def names(rule: AlertRule) -> set[str]:
    return {person.name for person in entitled(rule, at=NOW)}


EXECUTIVES = {"Eunji", "Finn", "Sam"}


@pytest.mark.parametrize(
    ("scope", "others"),
    [
        ("company", set()),
        ("team:seoul", {"Rho"}),
        ("team:seoul-1", {"Rho", "Lee"}),
        ("team:busan-1", {"Park"}),
        ("user:minsu", {"Minsu", "Lee", "Rho"}),
        ("user:lee", {"Lee", "Rho"}),
        ("user:eunji", set()),
    ],
)
def test_the_audience_of_a_scope(cast: Cast, scope: str, others: set[str]) -> None:
    kind, _, name = scope.partition(":")
    code = f"user:{getattr(cast, name).pk}" if kind == "user" else scope
    assert names(rule_on(cast, code)) == EXECUTIVES | others


def test_costs_have_a_smaller_audience(cast: Cast) -> None:
    assert names(rule_on(cast, "team:seoul-1", kpi="cac")) == EXECUTIVES


def test_a_person_who_came_from_elsewhere_is_not_wholly_their_new_leads(cast: Cast) -> None:
    cast.bora.memberships.create(team=cast.teams["seoul-1"], start=date(2026, 3, 1))
    assert names(rule_on(cast, f"user:{cast.bora.pk}")) == EXECUTIVES | {"Bora"}


def test_who_has_left_hears_nothing(cast: Cast) -> None:
    cast.finn.is_active = False
    cast.finn.save()
    cast.lee.memberships.update(end=date(2026, 3, 16))
    assert names(rule_on(cast, "team:seoul-1")) == {"Eunji", "Sam", "Rho"}


def test_what_a_person_sees_is_what_they_are_in_the_audience_of(cast: Cast) -> None:
    cast.bora.memberships.create(team=cast.teams["seoul-1"], start=date(2026, 3, 1))
    scopes = ["company", *(f"team:{slug}" for slug in cast.teams)]
    scopes += [f"user:{person.pk}" for person in cast.everyone]
    rules = [rule_on(cast, scope, kpi) for scope in scopes for kpi in ("won_revenue", "cac")]
    for person in cast.everyone:
        seen = set(AlertRule.objects.visible_to(person))
        assert seen == {rule for rule in rules if person in entitled(rule, at=NOW)}
        for rule in seen:
            resolve(rule.scope_code, person)


def test_outside_the_audience_nothing_can_be_asked(cast: Cast) -> None:
    for scope in ("company", "team:seoul-1", f"user:{cast.minsu.pk}"):
        rule = rule_on(cast, scope)
        for person in set(cast.everyone) - set(entitled(rule, at=NOW)):
            with pytest.raises(OutsideScope):
                resolve(rule.scope_code, person)


def test_a_dropped_kpi_has_no_audience(cast: Cast) -> None:
    assert "gone" not in all_kpis()
    assert names(rule_on(cast, "company", kpi="gone")) == set()
