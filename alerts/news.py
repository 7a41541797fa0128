"""Tells open pages that incidents or rules' figures have changed."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import Membership
from alerts.models import Condition
from kpis.live import Change, publish


def tell(*, incidents: Collection[Condition] = (), rules: Collection[Condition] = ()) -> None:
    """After the commit: the pages of those who may see these incidents and rules, no others.

    Nobody learns a figure by it: the pages ask again, with their viewer's rights.
    """
    changed = (("incident", incidents), ("alert", [*incidents, *rules]))
    publish(_change(fact, conditions) for fact, conditions in changed if conditions)


def _change(fact: str, conditions: Collection[Condition]) -> Change:
    """Of the company's there are neither owners nor teams: who sees everything is told."""
    people = {condition.user_id for condition in conditions if condition.user_id}
    teams = {condition.team_id for condition in conditions if condition.team_id}
    memberships = Membership.objects.filter(user__in=people)
    theirs = memberships.values_list("team", flat=True) if people else ()
    return Change(fact, frozenset(people), frozenset(teams.union(theirs)))
