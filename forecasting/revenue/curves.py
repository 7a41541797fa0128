"""How what deals bring in is usually recognised: the share by months since the win.

Learned from the contracts of the deals won in the last two years, by kind of deal, weighed by
their worth: how they are recognised, how soon they begin and how long they last, in one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate

from django.db import connection

from accounts.scope import COMPANY
from forecasting.revenue.asking import LONGEST_CURVE, Asked, chosen, parameters
from forecasting.revenue.statements import ENTRIES
from periods import Grain, Period
from periods.spans import months_after

LEARNED_MONTHS = 24
FEWEST = 10
_PLACES = Decimal("0.000001")
AT_ONCE = (Decimal(1),)


@dataclass(frozen=True)
class Curves:
    """Shares of the worth by months since the win, which add up to one, by kind of deal.

    `usual` is over all kinds; it stands in for a kind with few contracts. Without any contract
    everything is recognised in the month of the win. `counts` are the contracts learned from.
    """

    usual: tuple[Decimal, ...] = AT_ONCE
    by_kind: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Decimal, ...]:
        return self.by_kind.get(kind, self.usual)

    def share(self, kind: str, lag: int) -> Decimal:
        """What is recognised so many months after the month of the win."""
        curve = self.of(kind)
        return curve[lag] if 0 <= lag < len(curve) else Decimal(0)


# What comes before the win counts as if it came with it.
_LEARNED = """
SELECT kind, lag, sum(amount), count(DISTINCT contract_id)
FROM (
    SELECT deal.kind, GREATEST(0, entry.place - (month.number - 1)) AS lag, entry.amount,
        entry.contract_id
    FROM ({entries}) entry
    JOIN "pipeline_deal" deal ON deal.id = entry.deal_id AND deal.outcome = 'won'
    JOIN unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY
        AS month (starts, ends, number)
        ON deal.closed_at >= month.starts AND deal.closed_at < month.ends
    WHERE entry.number = 0 AND entry.amount > 0 AND entry.amount <> 'NaN'
) brought
GROUP BY GROUPING SETS ((kind, lag), (kind))
"""


def curves(asked: Asked) -> Curves:
    """Learned from the whole company's contracts, as they stand."""
    first = months_after(asked.today, -LEARNED_MONTHS)
    months = [Period.containing(first, Grain.MONTH, asked.calendar)]
    for _month in range(LEARNED_MONTHS + LONGEST_CURVE):
        months.append(months[-1].next())
    whole = replace(asked, scope=COMPANY, filters=(), periods=tuple(months))
    won = months[: LEARNED_MONTHS + 1]
    given = {
        **parameters(whole, [(month.start, month.end) for month in months]),
        "starts": [month.starts_at for month in won],
        "ends": [month.ends_at for month in won],
    }
    statement = _LEARNED.format(entries=ENTRIES.format(chosen=chosen(whole)))
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return drawn_from(cursor.fetchall())


def drawn_from(found: list[tuple[str, int | None, Decimal, int]]) -> Curves:
    """Curves from sums by kind and month; rows without a month count a kind's contracts."""
    sums: dict[str, dict[int, Decimal]] = defaultdict(dict)
    counts: dict[str, int] = {}
    total: dict[int, Decimal] = defaultdict(Decimal)
    for kind, lag, amount, count in found:
        if lag is None:
            counts[kind] = count
        else:
            sums[kind][lag] = amount
            total[lag] += amount
    enough = {kind: shares(each) for kind, each in sums.items() if counts[kind] >= FEWEST}
    return Curves(shares(total), enough, counts)


def shares(amounts: Mapping[int, Decimal]) -> tuple[Decimal, ...]:
    """Amounts by month as shares that add up to one, each the difference of two rounded sums."""
    whole = sum(amounts.values(), Decimal(0))
    if whole == 0:
        return AT_ONCE
    sums = accumulate(amounts.get(lag, Decimal(0)) for lag in range(max(amounts) + 1))
    rounded = [(each / whole).quantize(_PLACES, ROUND_HALF_UP) for each in sums]
    return tuple(
        later - earlier for earlier, later in zip([Decimal(0), *rounded], rounded, strict=False)
    )
