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
from pipeline.demo.setup import ARTICLES, CHANNELS
from pipeline.demo.tables import Rows, Table, labels, once, twice
from pipeline.eight_steps import STEPS
from pipeline.models import Criterion, Product, SalesProcess, Source, Stage

_UNUSABLE = "!demo"


def company_tables(market: Market, password_hash: str) -> Iterator[Table]:
    """In the order in which they refer to each other; the hash is for the sign-ins."""
    founded = _instant(market.plan, market.organisation.founded)
    yield _teams(market.plan, market.organisation, founded)
    yield Table(User, Rows.of(_users(market.organisation, password_hash)))
    yield _memberships(market.plan, market.organisation)
    yield Table(
        SalesProcess,
        Rows(1, {"slug": "demo", "name": "8단계 영업 프로세스", "is_default": np.array([True])}),
    )
    yield _stages(founded)
    yield _criteria()
    yield Table(
        Source,
        Rows(
            len(CHANNELS),
            {
                "slug": [channel.slug for channel in CHANNELS],
                "name": [channel.name for channel in CHANNELS],
                "name_ko": [channel.name_ko for channel in CHANNELS],
            },
        ),
    )
    yield Table(Product, Rows.of(_products()))


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
    moved = [team.former_parent != team.parent for team in teams]
    changed = np.where(moved, _instant(plan, plan.reorganised_on), np.datetime64("NaT", "s"))
    first = rows.assign(parent=formers)
    past = twice(first, rows, ("parent",), since=founded, changed=changed)
    return Table(Team, Rows.of(rows), past)


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
    began = np.array([_instant(plan, span.start) for span in spans])
    ended = [None if span.end is None else _instant(plan, span.end) for span in spans]
    past = twice(
        rows.assign(end=np.datetime64("NaT", "D")),
        rows,
        ("user", "team", "start", "end"),
        since=began,
        changed=np.array(ended, dtype="datetime64[s]"),
    )
    return Table(Membership, Rows.of(rows), past)


def _stages(founded: np.datetime64) -> Table:
    rows = Rows(
        len(STEPS),
        {
            "process": np.ones(len(STEPS), dtype=np.int64),
            "position": np.arange(1, len(STEPS) + 1),
            "name": [step.name for step in STEPS],
            "name_ko": [step.name_ko for step in STEPS],
            "probability": [step.probability for step in STEPS],
            "category": [step.category.value for step in STEPS],
            "outcome": [step.outcome.value for step in STEPS],
        },
    )
    names = ("process", "position", "probability", "category", "outcome")
    return Table(Stage, rows, once(rows, names, founded))


def _criteria() -> Table:
    asked = [
        {"stage": stage, "position": place, **each._asdict()}
        for stage, step in enumerate(STEPS, start=1)
        for place, each in enumerate(step.criteria, start=1)
    ]
    return Table(Criterion, Rows.of(pd.DataFrame(asked)))


def _products() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [article.name for article in ARTICLES],
            "series": [article.series for article in ARTICLES],
            "list_price": [article.list_price for article in ARTICLES],
            "external_id": labels("product", len(ARTICLES)),
        }
    )
