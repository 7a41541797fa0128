"""The alert rules that the demo company's executive and team lead have set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from accounts.scope import home_scope
from alerts.actions import create_rule
from alerts.models import AlertRule, Direction, Severity
from pipeline.demo.people import EXECUTIVE, LEAD, DemoAccount


@dataclass(frozen=True)
class DemoRule:
    """A rule on the figure of its owner's own scope, mailed to themselves."""

    owner: DemoAccount
    kpi: str
    period: str
    direction: Direction
    threshold: str
    severity: Severity


RULES = (
    DemoRule(
        EXECUTIVE, "pipeline_coverage", "this-quarter", Direction.BELOW, "3", Severity.WARNING
    ),
    DemoRule(
        EXECUTIVE, "retention_rate", "this-quarter", Direction.BELOW, "0.9", Severity.CRITICAL
    ),
    DemoRule(EXECUTIVE, "win_rate", "last-90-days", Direction.BELOW, "0.2", Severity.WARNING),
    DemoRule(LEAD, "win_rate", "last-90-days", Direction.BELOW, "0.3", Severity.WARNING),
    DemoRule(LEAD, "sales_cycle", "last-90-days", Direction.ABOVE, "120", Severity.INFO),
)


def add_rules(*, at: datetime) -> None:
    """Set them where the demo's people are and nobody has set a rule yet."""
    if AlertRule.objects.exists():
        return
    emails = {rule.owner.email for rule in RULES}
    people = {person.email: person for person in User.objects.filter(email__in=emails)}
    for rule in RULES:
        owner = people.get(rule.owner.email)
        if owner:
            _add(rule, owner, at)


def _add(rule: DemoRule, owner: User, at: datetime) -> None:
    create_rule(
        by=owner,
        at=at,
        scope=home_scope(owner).code,
        fields={
            "kpi": rule.kpi,
            "period": rule.period,
            "direction": rule.direction,
            "threshold": Decimal(rule.threshold),
            "severity": rule.severity,
        },
        recipients=[owner.pk],
    )
