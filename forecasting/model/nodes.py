"""The nodes that figures are told of: the company, every team, every person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.epochs import Parents, below, seen_from
from accounts.scope import COMPANY, Scope, ScopeKind, Tree
from forecasting.model.simulation import Leaf


@dataclass(frozen=True)
class Place:
    """A node, the positions of its leaves, and how many teams stand below it."""

    scope: Scope
    leaves: tuple[int, ...]
    parts: int = 0
    within: int | None = None
    """The team, where only a person's work in one is meant."""

    @property
    def team(self) -> int | None:
        return self.scope.id if self.scope.kind is ScopeKind.TEAM else self.within

    @property
    def user(self) -> int | None:
        return self.scope.id if self.scope.kind is ScopeKind.USER else None


def places(leaves: Sequence[Leaf], tree: Tree, at: datetime) -> Iterator[Place]:
    """Every node with work, by the teams' tree of an instant; of people, also by team."""
    yield Place(COMPANY, tuple(range(len(leaves))))
    for place, (owner, own_team) in enumerate(leaves):
        if owner and own_team:
            yield Place(Scope(ScopeKind.USER, owner), (place,), within=own_team)
    by_team, by_user = _by(leaves, 1), _by(leaves, 0)
    parents = _parents(tree, at)
    for team in tree.teams.values():
        within = below(parents, [team.pk])
        own = tuple(n for each in sorted(within) for n in by_team.get(each, ()))
        if own:
            selling = sum(each in by_team for each in within - {team.pk})
            yield Place(Scope(ScopeKind.TEAM, team.pk, team.slug, team.name), own, selling)
    for user, own_leaves in by_user.items():
        if user:
            yield Place(Scope(ScopeKind.USER, user), tuple(own_leaves))


def leaves_of(scope: Scope, leaves: Sequence[Leaf], tree: Tree, at: datetime) -> list[int]:
    """The positions of a scope's leaves, by the teams' tree of an instant."""
    if scope.kind is ScopeKind.COMPANY:
        return list(range(len(leaves)))
    if scope.kind is ScopeKind.TEAM:
        within = below(_parents(tree, at), [scope.id])
        return [n for n, (_owner, team) in enumerate(leaves) if team in within]
    seen = scope.team_ids
    return [
        n
        for n, (owner, team) in enumerate(leaves)
        if owner == scope.id and (not seen or team in seen)
    ]


def _by(leaves: Sequence[Leaf], which: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place, leaf in enumerate(leaves):
        found.setdefault(leaf[which], []).append(place)
    return found


def _parents(tree: Tree, at: datetime) -> Parents:
    epochs = tree.lineage.epochs(lambda parents: parents)
    held: Parents = seen_from(epochs, at)[-1].held
    return held
