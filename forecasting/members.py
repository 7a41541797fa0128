"""Whose forecast belongs to which team: everybody's to the one team that is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Membership, User
from accounts.scope import Scope, ScopeKind


@dataclass(frozen=True)
class Members:
    """The people of each team on a day, by id; somebody with several has the one they had first."""

    people: Mapping[int, User] = field(default_factory=dict)
    homes: Mapping[int, int] = field(default_factory=dict)

    def belongs(self, user: int, team: int | None) -> bool:
        """Whether a person's forecast is part of a team's (None: of no team's)."""
        return self.homes.get(user) == team

    @classmethod
    def of(cls, scope: Scope, day: date) -> Members:
        """Those of a scope's teams, in one query."""
        running = Membership.objects.running(day)
        theirs = running.all()
        if scope.kind is ScopeKind.USER:
            theirs = running.filter(user=scope.id)
        elif scope.kind is ScopeKind.TEAM:
            inside = running.filter(team__in=scope.team_ids).values("user")
            theirs = running.filter(user__in=inside)
        people: dict[int, User] = {}
        homes: dict[int, int] = {}
        for each in theirs.select_related("user").order_by("start", "pk"):
            people.setdefault(each.user_id, each.user)
            homes.setdefault(each.user_id, each.team_id)
        return cls(people, homes)
