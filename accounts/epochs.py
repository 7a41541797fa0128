"""How the tree of teams stood earlier: which team was part of which, and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")
Parents = Mapping[int, int | None]
"""The team that each team is part of."""


@dataclass(frozen=True)
class Epoch(Generic[T]):
    """What held until an instant (None: it still does), from the end of the epoch before."""

    until: datetime | None
    held: T


Epochs = tuple[Epoch[T], ...]
"""One after the other, the last without an end."""


def seen_from(epochs: Epochs[T], moment: datetime) -> Epochs[T]:
    """The same as they were known at `moment`: what held then had no end yet."""
    over = [epoch for epoch in epochs if epoch.until is not None and epoch.until <= moment]
    return (*over, Epoch(None, epochs[len(over)].held))


def below(parents: Parents, roots: Iterable[int]) -> frozenset[int]:
    """The roots and every team below them."""
    children: dict[int | None, list[int]] = {}
    for team_id, parent_id in parents.items():
        children.setdefault(parent_id, []).append(team_id)
    found: set[int] = set()
    waiting = [root for root in roots if root in parents]
    while waiting:
        team_id = waiting.pop()
        if team_id not in found:
            found.add(team_id)
            waiting.extend(children.get(team_id, []))
    return frozenset(found)


@dataclass(frozen=True)
class Lineage:
    """What every team was part of, and since when: oldest first, for teams that ever moved.

    A team's first state reaches back for ever: work may be older than the record of its team.
    """

    present: Parents
    moves: Mapping[int, tuple[tuple[datetime, int | None], ...]] = field(default_factory=dict)

    @cached_property
    def changes(self) -> list[datetime]:
        """The instants at which some team moved."""
        return sorted({since for states in self.moves.values() for since, _ in states[1:]})

    def epochs(self, what: Callable[[Parents], T]) -> Epochs[T]:
        """What holds of the tree, in the epochs in which it differs."""
        found: list[Epoch[T]] = []
        for since, until in zip([None, *self.changes], [*self.changes, None], strict=True):
            held = what(self._at(since) if self.changes else self.present)
            if found and found[-1].held == held:
                found.pop()
            found.append(Epoch(until, held))
        return tuple(found)

    def _at(self, moment: datetime | None) -> Parents:
        """The tree right after `moment`; before the first change if it is None."""
        earlier = {team: _state(states, moment) for team, states in self.moves.items()}
        return {**self.present, **earlier}


def _state(states: tuple[tuple[datetime, int | None], ...], moment: datetime | None) -> int | None:
    begun = [parent for since, parent in states if moment is not None and since <= moment]
    return begun[-1] if begun else states[0][1]


def lineage(
    present: Parents, states: Iterable[tuple[int, list[datetime], list[int | None]]]
) -> Lineage:
    """From each team's states, as parallel lists of instants and parents, oldest first."""
    moves = {}
    for team_id, starts, above in states:
        told = list(zip(starts, above, strict=True))
        kept = [s for n, s in enumerate(told) if n == 0 or s[1] != told[n - 1][1]]
        if len(kept) > 1:
            moves[team_id] = tuple(kept)
    return Lineage(present, moves)
