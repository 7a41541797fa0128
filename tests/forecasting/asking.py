"""The forecast of the cast's company, as most tests ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.scope import reach, resolve
from forecasting.forecasts import Forecast, forecast
from forecasting.rollup import Node
from periods import Period
from pipeline.models import Deal
from pipeline.reading import Reading
from tests.cast import Cast, make_deal, seoul

NOW = seoul(2026, 3, 16, 12)
SOON = date(2026, 3, 25)


def quarter(cast: Cast, code: str = "2026-Q1") -> Period:
    return cast.company.calendar.parse(code, at=NOW)


def forecast_of(
    cast: Cast, scope: str = "company", period: str = "2026-Q1", **how: Any
) -> Forecast:
    """What an executive, freshly signed in, gets at NOW."""
    viewer = User.objects.get(pk=cast.eunji.pk)
    everybody = how.pop("everybody", False)
    options: dict[str, Any] = {"at": NOW, "currency": "KRW", **how}
    reading = Reading(resolve(scope, viewer), quarter(cast, period), **options)
    return forecast(reading, reach(viewer).tree, everybody=everybody)


def named(cast: Cast, found: Forecast) -> dict[str, Node]:
    """The nodes by the slug of a team or the name of a person; the root is "all"."""
    teams = {team.pk: slug for slug, team in cast.teams.items()}
    people = {person.pk: person.name.lower() for person in cast.everyone}
    return {"all": found.forest.root, **dict(_named(found, teams, people))}


def _named(
    found: Forecast, teams: dict[int, str], people: dict[int, str]
) -> Iterator[tuple[str, Node]]:
    for node in found.forest.root.walk():
        name = teams.get(node.team or 0, "") if node.user is None else people.get(node.user, "")
        yield name, node


def ints(*values: Decimal | None) -> list[int | None]:
    """Amounts as tests write them."""
    return [None if value is None else int(value) for value in values]


def open_deal(cast: Cast, owner: User, amount: int, stage: int = 4, **fields: Any) -> Deal:
    """An open deal, expected to close soon: promised unless its stage says something else."""
    return make_deal(cast, owner, stage, amount=amount, **{"expected_close": SOON, **fields})


def won_deal(cast: Cast, owner: User, amount: int, **fields: Any) -> Deal:
    """A deal won within the quarter."""
    return make_deal(cast, owner, cast.won, amount=amount, **fields)
