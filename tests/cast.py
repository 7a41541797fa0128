"""The shared cast: one small company that every test knows.

the company ── seoul ── seoul-1   lead lee, reps minsu and jiwoo
            │        └─ seoul-2
            └─ busan ── busan-1   lead park, rep bora
eunji is its executive, finn its finance, rho leads all of seoul, sam is staff.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import md5
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Company, Membership, Team, User
from accounts.roles import Role
from pipeline.models import Category, Customer, Deal, Outcome, SalesProcess, Stage

SEOUL = ZoneInfo("Asia/Seoul")
PASSWORD = "correct horse battery staple"
JOINED = date(2020, 1, 1)

# position, name, Korean, probability, category, outcome
STEPS = (
    (1, "Qualify the opportunity", "기회의 가능성 판단", "0.05", Category.OMITTED, Outcome.OPEN),
    (2, "Identify the problem", "과제 파악", "0.10", Category.PIPELINE, Outcome.OPEN),
    (3, "Negotiate", "가격 협상과 상호 합의", "0.60", Category.BEST_CASE, Outcome.OPEN),
    (4, "Contract procedure", "계약 체결 절차", "0.80", Category.COMMIT, Outcome.OPEN),
    (5, "Won", "수주", "1", Category.CLOSED, Outcome.WON),
    (6, "Lost", "실주", "0", Category.OMITTED, Outcome.LOST),
)


@dataclass
class Cast:
    """People by name, teams by slug, and the stages of a short sales process."""

    company: Company
    eunji: User
    finn: User
    rho: User
    lee: User
    park: User
    minsu: User
    jiwoo: User
    bora: User
    sam: User
    teams: dict[str, Team]
    stages: tuple[Stage, ...]

    @property
    def everyone(self) -> tuple[User, ...]:
        return (
            self.eunji,
            self.finn,
            self.rho,
            self.lee,
            self.park,
            self.minsu,
            self.jiwoo,
            self.bora,
            self.sam,
        )

    @property
    def won(self) -> Stage:
        return self.stages[4]

    @property
    def lost(self) -> Stage:
        return self.stages[5]


def seoul(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant in the company's own zone."""
    return datetime(year, month, day, hour, minute, tzinfo=SEOUL)


def make_cast() -> Cast:
    """Write the cast into the database."""
    teams = _make_teams()
    people = {
        "eunji": _person("eunji", Role.EXECUTIVE),
        "finn": _person("finn", Role.FINANCE),
        "rho": _person("rho", Role.LEAD, teams["seoul"]),
        "lee": _person("lee", Role.LEAD, teams["seoul-1"]),
        "park": _person("park", Role.LEAD, teams["busan-1"]),
        "minsu": _person("minsu", Role.REP, teams["seoul-1"]),
        "jiwoo": _person("jiwoo", Role.REP, teams["seoul-1"]),
        "bora": _person("bora", Role.REP, teams["busan-1"]),
        "sam": _person("sam", Role.EXECUTIVE, is_staff=True),
    }
    company = Company.current()
    return Cast(company=company, teams=teams, stages=_make_process(), **people)


def _make_teams() -> dict[str, Team]:
    teams: dict[str, Team] = {}
    for slug, parent in (
        ("seoul", None),
        ("busan", None),
        ("seoul-1", "seoul"),
        ("seoul-2", "seoul"),
        ("busan-1", "busan"),
    ):
        above = teams[parent] if parent else None
        teams[slug] = Team.objects.create(slug=slug, name=slug.title(), parent=above)
    return teams


def _person(name: str, role: Role, team: Team | None = None, *, is_staff: bool = False) -> User:
    user = User(email=f"{name}@example.com", name=name.title(), role=role, language="en")
    user.is_staff = is_staff
    user.password = _HASHED
    user.save()
    if team:
        Membership.objects.create(user=user, team=team, start=JOINED)
    return user


# The hash of PASSWORD under the tests' fast hasher, so that nine people cost no hashing.
_HASHED = "md5$salt$" + md5(f"salt{PASSWORD}".encode()).hexdigest()


def _make_process() -> tuple[Stage, ...]:
    process = SalesProcess.objects.create(slug="default", name="Default", is_default=True)
    return tuple(
        Stage.objects.create(
            process=process,
            position=position,
            name=name,
            name_ko=korean,
            probability=Decimal(probability),
            category=category,
            outcome=outcome,
        )
        for position, name, korean, probability, category, outcome in STEPS
    )


def make_customer(name: str = "Hanbit", **fields: Any) -> Customer:
    """A customer, in manufacturing and Seoul unless told otherwise."""
    return Customer.objects.create(
        **{"name": name, "industry": "Manufacturing", "region": "Seoul", **fields}
    )


def make_deal(cast: Cast, owner: User, stage: int | Stage = 1, **fields: Any) -> Deal:
    """A deal in a stage (by its number from 1), credited to its owner's team."""
    where = cast.stages[stage - 1] if isinstance(stage, int) else stage
    membership = owner.memberships.first()
    defaults: dict[str, Any] = {
        "name": "A deal",
        "amount": Decimal(1_000_000),
        "created_at": seoul(2026, 1, 5),
        "team": membership.team if membership else None,
        "outcome": where.outcome,
    }
    if where.outcome != Outcome.OPEN:
        defaults["closed_at"] = seoul(2026, 2, 5)
    return Deal.objects.create(owner=owner, stage=where, **{**defaults, **fields})
