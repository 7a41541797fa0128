"""The people of the demo company, and how five of them sign in."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings

from accounts.models import User
from accounts.roles import Role
from pipeline.demo.words import FAMILY_NAMES, GIVEN_FIRST, GIVEN_SECOND


@dataclass(frozen=True)
class DemoAccount:
    """A person of the demo who can sign in. `label` is what the runner prints."""

    label: str
    email: str
    role: Role
    is_staff: bool = False


EXECUTIVE = DemoAccount("executive", "executive@demo.example", Role.EXECUTIVE)
FINANCE = DemoAccount("finance", "finance@demo.example", Role.FINANCE)
LEAD = DemoAccount("lead", "lead@demo.example", Role.LEAD)
REP = DemoAccount("rep", "rep@demo.example", Role.REP)
STAFF = DemoAccount("staff", "staff@demo.example", Role.EXECUTIVE, is_staff=True)

DEMO_SIGN_INS = (EXECUTIVE, FINANCE, LEAD, REP, STAFF)


@dataclass(frozen=True)
class SignIn:
    """What somebody types to look at the demo as one of its people."""

    label: str
    email: str
    password: str


def demo_sign_ins() -> tuple[SignIn, ...]:
    """The demo's sign-ins, in the order of `DEMO_SIGN_INS`; empty if no demo was loaded."""
    wanted = [account.email for account in DEMO_SIGN_INS]
    known = set(User.objects.filter(email__in=wanted).values_list("email", flat=True))
    return tuple(
        SignIn(account.label, account.email, demo_password())
        for account in DEMO_SIGN_INS
        if account.email in known
    )


def demo_password() -> str:
    """The one password of the demo's people: SALESDASH_DEMO_PASSWORD, else this
    installation's own, made on first use and readable by its owner only."""
    given = os.environ.get("SALESDASH_DEMO_PASSWORD")
    if given:
        return given
    file = Path(settings.DATA_DIR) / "demo-password"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    password = secrets.token_urlsafe(9)
    with os.fdopen(descriptor, "w") as new:
        new.write(password)
    return password


def draw_names(dice: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """Korean names with the family name's Latin spelling, no name twice while any are left."""
    weights = np.array([weight for _name, _latin, weight in FAMILY_NAMES], dtype=float)
    families = dice.choice(len(FAMILY_NAMES), size=2 * count + 20, p=weights / weights.sum())
    firsts = dice.integers(len(GIVEN_FIRST), size=len(families))
    seconds = dice.integers(len(GIVEN_SECOND), size=len(families))
    drawn: dict[str, str] = {}
    for family, first, second in zip(families, firsts, seconds, strict=True):
        if GIVEN_FIRST[first] != GIVEN_SECOND[second]:
            name, latin, _weight = FAMILY_NAMES[family]
            drawn.setdefault(name + GIVEN_FIRST[first] + GIVEN_SECOND[second], latin)
    names = list(drawn.items())
    return [names[n % len(names)] for n in range(count)]
