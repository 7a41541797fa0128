"""What contracts bring in, by period and part: read in one statement, or row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from forecasting.revenue.asking import Asked, chosen, parameters
from forecasting.revenue.renewals import Chances
from forecasting.revenue.statements import ENTRIES


@dataclass(frozen=True)
class Brought:
    """What the contracts of a part bring in within one span.

    `agreed` by those that are signed; `due` if all were renewed that fall due before it, of which
    `expected` by the chances of that. NaN without an exchange rate, None without any chance known.
    """

    place: int
    part: str
    agreed: Decimal
    due: Decimal
    expected: Decimal | None


@dataclass(frozen=True)
class Row:
    """The same of one contract, over several spans."""

    contract: int
    deal: int | None
    agreed: Decimal
    due: Decimal
    expected: Decimal | None


_CHANCES = """
LEFT JOIN unnest(%(segments)s::text[], %(chances)s::numeric[]) AS chance (segment, once)
    ON chance.segment = CASE
        WHEN customer.industry = ANY(%(segments)s) THEN customer.industry ELSE '' END
"""

_SUMS = """
    COALESCE(sum(entry.amount) FILTER (WHERE entry.rounds = 0), 0),
    COALESCE(sum(entry.amount) FILTER (WHERE entry.rounds > 0), 0),
    CASE WHEN bool_or(entry.rounds > 0 AND chance.once IS NULL) THEN NULL ELSE COALESCE(
        sum(entry.amount * round(power(chance.once, entry.rounds), 6))
            FILTER (WHERE entry.rounds > 0),
    0) END
"""

_BY_PART = f"""
SELECT entry.place, {{part}} AS part, {_SUMS}
FROM ({ENTRIES}) entry
JOIN "pipeline_customer" customer ON customer.id = entry.customer_id
{_CHANCES}
GROUP BY entry.place, part
"""

_BY_CONTRACT = f"""
SELECT entry.contract_id, entry.deal_id, {_SUMS}
FROM ({ENTRIES}) entry
JOIN "pipeline_customer" customer ON customer.id = entry.customer_id
{_CHANCES}
WHERE entry.place = ANY(%(places)s)
GROUP BY entry.contract_id, entry.deal_id
ORDER BY entry.contract_id
"""

PART = {
    "": "''",
    "customer": "customer.id::text",
    "industry": "customer.industry",
    "size": "customer.size_band",
    "region": "customer.region",
}


def by_part(asked: Asked, chances: Chances, by: str = "") -> list[Brought]:
    """By span of `asked.spans` and by part of a dimension."""
    statement = _BY_PART.format(chosen=chosen(asked), part=PART[by])
    return [Brought(*row) for row in _read(statement, asked, chances)]


def by_contract(asked: Asked, chances: Chances, places: Sequence[int]) -> list[Row]:
    """Of each contract over some of the spans."""
    statement = _BY_CONTRACT.format(chosen=chosen(asked))
    return [Row(*row) for row in _read(statement, asked, chances, places=list(places))]


def _read(statement: str, asked: Asked, chances: Chances, **more: Any) -> list[tuple[Any, ...]]:
    given = {**parameters(asked, asked.spans), **_listed(chances), **more}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _listed(chances: Chances) -> dict[str, list[Any]]:
    """The chance of one renewal by segment, that of the company under ""."""
    known = {"": chances.company, **chances.by_segment}
    return {"segments": list(known), "chances": list(known.values())}
