"""What several tests start from."""

from __future__ import annotations

from typing import Any

import pytest

from kpis.storage import keeping
from tests.cast import Cast, make_customer, make_deal, seoul


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """Three won (1.0, 2.0 and 4.0 million), one lost (3.0), one duplicate (9.0) in Q1."""
    hanbit, saebyeok = make_customer(), make_customer("Saebyeok", industry="Retail")
    for owner, amount, day, customer in (
        (cast.minsu, 1_000_000, 10, hanbit),
        (cast.jiwoo, 2_000_000, 20, hanbit),
        (cast.bora, 4_000_000, 28, saebyeok),
    ):
        make_deal(
            cast,
            owner,
            cast.won,
            amount=amount,
            closed_at=seoul(2026, 2, day),
            created_at=seoul(2026, 1, 31),
            customer=customer,
        )
    for reason, amount in (("price", 3_000_000), ("duplicate", 9_000_000)):
        make_deal(cast, cast.minsu, cast.lost, amount=amount, lost_reason=reason)
    return cast


@pytest.fixture
def stored_values(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored values switched on, and kept for a few months only."""
    settings.STORED_VALUES = True
    monkeypatch.setattr(keeping, "MONTHS_AHEAD", 1)
    monkeypatch.setattr(keeping, "MONTHS_AT_LEAST", 1)
    monkeypatch.setattr(keeping, "MONTHS_BEFORE_FACTS", 0)
