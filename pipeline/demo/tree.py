"""The demo's teams: divisions, regions, and as many teams as its reps fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pipeline.demo.plan import Plan

SEATS_PER_TEAM = 6
_DEALS_PER_SEAT = 700
_FEWEST_SEATS = 16
_TEAMS_UNDER_ONE_HEAD = 6


class Market(NamedTuple):
    """What a group of teams sells to."""

    slug: str
    name: str
    parent: str
    share: float
    fewest_teams: int = 1


DIVISIONS = (
    ("domestic", "국내영업본부", ""),
    ("strategic", "전략영업본부", ""),
    ("capital", "수도권영업부", "domestic"),
    ("regional", "지역영업부", "domestic"),
)
MARKETS = (
    Market("seoul", "서울", "capital", 0.33, 2),
    Market("gyeonggi", "경기", "capital", 0.16),
    Market("busan", "부산", "regional", 0.14),
    Market("daejeon", "대전", "regional", 0.10),
    Market("finance", "금융", "strategic", 0.08),
    Market("public", "공공", "strategic", 0.12),
    Market("global", "글로벌", "strategic", 0.07),
)
MOVED_TEAM, FORMER_PARENT = "daejeon-1", "capital"
"""The team that hung elsewhere in the tree until the reorganisation."""


@dataclass(frozen=True)
class TeamPlan:
    """A team: `parent` and `former_parent` are positions in the list of teams, or None.

    `market` is a position in MARKETS for teams that sell, else -1.
    """

    slug: str
    name: str
    parent: int | None
    former_parent: int | None
    market: int
    seats: int


def plan_teams(plan: Plan) -> list[TeamPlan]:
    """Every team, parents before their children."""
    teams: list[TeamPlan] = []
    places: dict[str, int] = {}

    def add(slug: str, name: str, parent: str, market: int = -1, seats: int = 0) -> None:
        former = FORMER_PARENT if slug == MOVED_TEAM else parent
        places[slug] = len(teams)
        above, before = places.get(parent), places.get(former)
        teams.append(TeamPlan(slug, name, above, before, market, seats))

    for slug, name, parent in DIVISIONS:
        add(slug, name, parent)
    for number, market in enumerate(MARKETS):
        sizes = _team_sizes(plan, market)
        parent = market.parent
        if len(sizes) > _TEAMS_UNDER_ONE_HEAD:
            add(market.slug, f"{market.name}영업부", parent)
            parent = market.slug
        for n, size in enumerate(sizes, 1):
            name = f"{market.name}{n}팀" if len(sizes) > 1 else f"{market.name}팀"
            add(f"{market.slug}-{n}", name, parent, number, size)
    return teams


def _team_sizes(plan: Plan, market: Market) -> list[int]:
    """How many seats each of a market's teams has: as even as can be."""
    seats = max(round(max(plan.deals / _DEALS_PER_SEAT, _FEWEST_SEATS) * market.share), 1)
    count = min(max(market.fewest_teams, round(seats / SEATS_PER_TEAM)), seats)
    return [seats // count + (n < seats % count) for n in range(count)]
