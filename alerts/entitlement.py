"""Who may be told of a rule's figure."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from accounts.audience import audience
from accounts.models import Company, User
from accounts.scope import COMPANY, Scope, ScopeKind, Tree
from alerts.models import Condition


def scope_of(condition: Condition, tree: Tree) -> Scope:
    """The whole scope that a condition names, whoever asks."""
    if condition.team_id is not None:
        return tree.scope(tree.teams[condition.team_id])
    if condition.user_id is not None:
        return Scope(ScopeKind.USER, condition.user_id)
    return COMPANY


def entitled(condition: Condition, *, at: datetime) -> QuerySet[User]:
    """The people who may open the figure; nobody where the catalog no longer knows it."""
    declared = condition.declared
    if declared is None:
        return User.objects.none()
    tree = Tree.load()
    today = Company.current().calendar.business_day(at)
    return audience(scope_of(condition, tree), on=today, tree=tree, needs=declared.needs)
