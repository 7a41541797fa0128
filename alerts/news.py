"""Tells open pages that incidents or rules' figures have changed."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Membership
from alerts.models import Condition, Transition
from kpis.live import Change, publish


def tell(transitions: Iterable[Transition], *, figures: bool = False) -> None:
    """After the commit: pages of those who may see the incidents, and every list of rules.

    Nobody learns a figure by it: the pages ask again, with their viewer's rights.
    """
    changes = [_about(transition.incident) for transition in transitions]
    rules = [Change("alert", everyone=True)] if changes or figures else []
    publish([*changes, *rules])


def _about(condition: Condition) -> Change:
    owners: set[int] = {condition.user_id} if condition.user_id else set()
    teams: set[int] = {condition.team_id} if condition.team_id else set()
    if condition.user_id:
        memberships = Membership.objects.filter(user=condition.user_id)
        teams.update(memberships.values_list("team", flat=True))
    return Change("incident", frozenset(owners), frozenset(teams))
