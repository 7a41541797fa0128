"""The tables that facts refer to: teams, people, memberships, process, channels, products."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from accounts.models import Membership, Team, User
from pipeline.demo.drafts import Market
from pipeline.demo.organisation import Organisation
from pipeline.demo.people import DEMO_SIGN_INS
from pipeline.demo.plan import Plan
from pipeline.demo.setup import ARTICLES, CHANNELS, STEPS
from pipeline.demo.tables import Table, labels, once
from pipeline.models import Product, SalesProcess, Source, Stage

_UNUSABLE = "!demo"


def company_tables(market: Market, password_hash: str) -> Iterator[Table]:
    """In the order in which they refer to each other; the hash is for the sign-ins."""
    founded = _instant(market.plan, market.organisation.founded)
    yield _teams(market.plan, market.organisation, founded)
    yield Table(User, _users(market.organisation, password_hash))
    yield _memberships(market.plan, market.organisation)
    yield Table(
        SalesProcess,
        pd.DataFrame({"slug": ["demo"], "name": ["8단계 영업 프로세스"], "is_default": [True]}),
    )
    yield _stages(founded)
    yield Table(
        Source,
        pd.DataFrame(
            {
                "slug": [channel.slug for channel in CHANNELS],
                "name": [channel.name for channel in CHANNELS],
                "name_ko": [channel.name_ko for channel in CHANNELS],
            }
        ),
    )
    yield Table(Product, _products())


def _instant(plan: Plan, day: date) -> np.datetime64:
    return np.datetime64(int(plan.calendar.start_of(day).timestamp()), "s")


def _teams(plan: Plan, organisation: Organisation, founded: np.datetime64) -> Table:
    """The tree as it stands, and how it was before the reorganisation."""
    teams = organisation.teams
    parents = [0 if team.parent is None else team.parent + 1 for team in teams]
    formers = [0 if team.former_parent is None else team.former_parent + 1 for team in teams]
    slugs = [team.slug for team in teams]
    rows = pd.DataFrame(
        {
            "slug": slugs,
            "name": [team.name for team in teams],
            "parent": parents,
            "external_id": [f"team-{slug}" for slug in slugs],
        }
    )
    first = once(pd.DataFrame({"parent": formers}), ("parent",), founded)
    now = once(rows, ("parent",), _instant(plan, plan.reorganised_on))
    past = pd.concat([first, now[now["parent"] != first["parent"]]], ignore_index=True)
    return Table(Team, rows, past.sort_values(["row", "valid_from"], ignore_index=True))


def _users(organisation: Organisation, password_hash: str) -> pd.DataFrame:
    people = organisation.people
    known = {account.email for account in DEMO_SIGN_INS}
    return pd.DataFrame(
        {
            "email": [person.email for person in people],
            "name": [person.name for person in people],
            "role": [person.role.value for person in people],
            "is_staff": [person.is_staff for person in people],
            "is_active": [person.left is None for person in people],
            "joined_on": np.array([person.joined for person in people], dtype="datetime64[D]"),
            "external_id": labels("person", len(people)),
            "password": [
                password_hash if person.email in known else f"{_UNUSABLE}{n:08d}"
                for n, person in enumerate(people)
            ],
        }
    )


def _memberships(plan: Plan, organisation: Organisation) -> Table:
    """Memberships, whose ends became known on the day."""
    spans = sorted(organisation.spans, key=lambda span: span.start)
    rows = pd.DataFrame(
        {
            "user": [span.person + 1 for span in spans],
            "team": [span.team + 1 for span in spans],
            "start": np.array([span.start for span in spans], dtype="datetime64[D]"),
            "end": np.array([span.end for span in spans], dtype="datetime64[D]"),
        }
    )
    names = ("user", "team", "start", "end")
    began = np.array([_instant(plan, span.start) for span in spans])
    first = once(rows.assign(end=np.datetime64("NaT", "D")), names, began)
    ended = once(rows, names, began)[[span.end is not None for span in spans]]
    ended["valid_from"] = [_instant(plan, span.end) for span in spans if span.end is not None]
    past = pd.concat([first, ended], ignore_index=True)
    return Table(Membership, rows, past.sort_values(["row", "valid_from"], ignore_index=True))


def _stages(founded: np.datetime64) -> Table:
    rows = pd.DataFrame(
        {
            "process": 1,
            "position": range(1, len(STEPS) + 1),
            "name": [step.name for step in STEPS],
            "name_ko": [step.name_ko for step in STEPS],
            "probability": [step.probability for step in STEPS],
            "category": [step.category.value for step in STEPS],
            "outcome": [step.outcome.value for step in STEPS],
        }
    )
    names = ("process", "position", "probability", "category", "outcome")
    return Table(Stage, rows, once(rows, names, founded))


def _products() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [article.name for article in ARTICLES],
            "series": [article.series for article in ARTICLES],
            "list_price": [article.list_price for article in ARTICLES],
            "external_id": labels("product", len(ARTICLES)),
        }
    )
