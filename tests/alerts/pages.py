"""The pages of alerts as a person of the cast opens them and fills them in."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from pipeline.models import Deal
from tests.cast import Cast, make_deal


def as_(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def page(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def win(cast: Cast, amount: int) -> Deal:
    now = timezone.now()
    return make_deal(cast, cast.minsu, cast.won, amount=amount, created_at=now, closed_at=now)


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    """What a person fills in for won revenue of the company below 10억."""
    return {
        "figure": "won_revenue",
        "scope": "company",
        "period": "this-quarter",
        "direction": "below",
        "threshold": "10억",
        "severity": "warning",
        "hold_minutes": "0",
        "recipients": [cast.eunji.pk],
        **changes,
    }
