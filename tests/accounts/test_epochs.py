"""How the tree of teams stood earlier."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.epochs import Epoch, Lineage, below, lineage, seen_from
from accounts.scope import Tree
from history import as_recorded_at
from tests.cast import Cast, seoul

FIRST = seoul(2026, 1, 1)
TEAMS = range(1, 6)
moves = st.lists(st.tuples(st.sampled_from(TEAMS), st.sampled_from([None, *TEAMS])), max_size=8)


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


@given(moves=moves, root=st.sampled_from(TEAMS))
def test_a_subtree_at_any_instant_is_that_of_the_tree_then(
    moves: list[tuple[int, int | None]], root: int
) -> None:
    parents: dict[int, int | None] = dict.fromkeys(TEAMS)
    told = {team: ([FIRST], [parents[team]]) for team in TEAMS}
    trees = [dict(parents)]
    for number, (team, above) in enumerate(moves, 1):
        if above is not None and above in below(parents, [team]):
            above = None
        parents[team] = above
        told[team][0].append(day(number))
        told[team][1].append(above)
        trees.append(dict(parents))
    found = lineage(parents, ((team, *states) for team, states in told.items()))
    epochs = found.epochs(lambda tree: below(tree, [root]))
    for number, tree in enumerate(trees):
        at = day(number)
        held = next(e.held for e in epochs if e.until is None or at < e.until)
        assert held == below(tree, [root])
        assert seen_from(epochs, at)[-1] == Epoch(None, held)
    assert all(a.held != b.held for a, b in pairwise(epochs))


def test_without_a_move_there_is_one_epoch() -> None:
    found = Lineage({1: None, 2: 1}).epochs(lambda tree: below(tree, [1]))
    assert found == (Epoch(None, frozenset({1, 2})),)


@pytest.fixture
def moved(cast: Cast) -> Cast:
    """seoul-1 has been a part of busan since March of next year."""
    team = cast.teams["seoul-1"]
    team.parent = cast.teams["busan"]
    with as_recorded_at(seoul(2027, 3, 1)):
        team.save()
    return cast


def test_a_team_knows_what_it_was_and_what_it_is(moved: Cast) -> None:
    tree, teams = Tree.load(), moved.teams
    ids = {slug: team.pk for slug, team in teams.items()}
    seoul_now = tree.scope(teams["seoul"])
    assert seoul_now.team_ids == {ids["seoul"], ids["seoul-2"]}
    assert seoul_now.as_of(seoul(2027, 2, 1)).team_ids == {
        ids["seoul"],
        ids["seoul-1"],
        ids["seoul-2"],
    }
    assert tree.scope(teams["busan-1"]).epochs == ()
