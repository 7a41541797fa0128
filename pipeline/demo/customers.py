"""The companies that the demo sells to, with segments that differ in what they bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.demo.organisation import Organisation
from pipeline.demo.plan import Plan
from pipeline.demo.tables import Column, Picked
from pipeline.demo.timeline import Bools, Ints
from pipeline.demo.tree import MARKETS
from pipeline.demo.words import COMPANY_ENDINGS, COMPANY_WORDS
from pipeline.models import SizeBand

_DEALS_PER_CUSTOMER = 6.5

# Share of customers; how much likelier they buy (log-odds); delivery cost as a share of the won
# amount; and how much they spend.
INDUSTRIES = {
    "제조": (0.24, 0.05, 0.43, 1.10),
    "금융": (0.11, 0.10, 0.31, 1.45),
    "유통": (0.14, 0.00, 0.47, 0.85),
    "공공": (0.11, -0.10, 0.55, 1.20),
    "의료": (0.09, 0.12, 0.36, 1.05),
    "교육": (0.08, -0.05, 0.50, 0.70),
    "IT 서비스": (0.12, 0.15, 0.34, 0.90),
    "물류": (0.07, 0.00, 0.45, 0.90),
    "건설": (0.04, -0.25, 0.58, 1.15),
}
REGIONS = {
    "서울": (0.36, 0.05),
    "경기": (0.18, 0.00),
    "인천": (0.05, 0.00),
    "부산": (0.10, -0.02),
    "울산": (0.03, 0.02),
    "대구": (0.06, -0.05),
    "대전": (0.07, 0.00),
    "광주": (0.05, -0.06),
    "해외": (0.10, -0.12),
}
BANDS = {
    SizeBand.SMALL: (0.46, 9_000_000, 0.85),
    SizeBand.MEDIUM: (0.33, 19_000_000, 1.0),
    SizeBand.LARGE: (0.14, 40_000_000, 1.15),
    SizeBand.ENTERPRISE: (0.07, 85_000_000, 1.35),
}
"""Share of customers; typical amount of a deal in won; how much longer deals take."""

_HEADCOUNTS = ((5, 50), (50, 300), (300, 1000), (1000, 9000))
_MARKET_OF_REGION = {
    "서울": "seoul",
    "경기": "gyeonggi",
    "인천": "gyeonggi",
    "부산": "busan",
    "울산": "busan",
    "대구": "busan",
    "대전": "daejeon",
    "광주": "daejeon",
    "해외": "global",
}


def build_customers(plan: Plan, organisation: Organisation) -> pd.DataFrame:
    """A row per customer: its segments as positions in the tables above, and its seat.

    `appetite` weighs how many deals it brings, `spend` multiplies their amounts.
    """
    dice = plan.random("customers")
    count = max(round(plan.deals / _DEALS_PER_CUSTOMER), 5)
    industry = _draw(dice, count, [row[0] for row in INDUSTRIES.values()])
    region = _draw(dice, count, [row[0] for row in REGIONS.values()])
    band = _draw(dice, count, [row[0] for row in BANDS.values()])
    low, high = np.array(_HEADCOUNTS).T
    headcount = np.exp(dice.uniform(np.log(low[band]), np.log(high[band])))
    spending = np.array([row[3] for row in INDUSTRIES.values()])
    return pd.DataFrame(
        {
            "name": _names(dice, industry),
            "industry": industry,
            "region": region,
            "band": band,
            "employees": headcount.astype(np.int64),
            "seat": _seats(dice, organisation, _markets(industry, region, band)),
            "appetite": dice.lognormal(0, 0.8, count),
            "spend": spending[industry] * dice.lognormal(0, 0.35, count),
        }
    )


def segments(customers: pd.DataFrame, places: Ints) -> dict[str, Column]:
    """The segments of the customers at places, as columns."""
    return {
        "industry": Picked.of(tuple(INDUSTRIES), customers["industry"].to_numpy()[places]),
        "size_band": Picked.of(
            [band.value for band in BANDS], customers["band"].to_numpy()[places]
        ),
        "region": Picked.of(tuple(REGIONS), customers["region"].to_numpy()[places]),
    }


def _draw(dice: np.random.Generator, count: int, shares: list[float]) -> Ints:
    return dice.choice(len(shares), size=count, p=np.array(shares) / sum(shares))


def _names(dice: np.random.Generator, industry: Ints) -> list[str]:
    """Two invented words and an ending of the trade; no two companies share a name."""
    pairs = [a + b for a in COMPANY_WORDS for b in COMPANY_WORDS if a != b]
    endings = list(COMPANY_ENDINGS.values())
    orders = [dice.permutation(len(pairs) * len(each)) for each in endings]
    used = [0] * len(endings)
    names = []
    for trade in industry.tolist():
        place = int(orders[trade][used[trade] % len(orders[trade])])
        used[trade] += 1
        names.append(pairs[place // len(endings[trade])] + " " + endings[trade][place % 6])
    return names


def _markets(industry: Ints, region: Ints, band: Ints) -> Ints:
    """Who looks after them: large banks and everything public have teams of their own."""
    places = {market.slug: n for n, market in enumerate(MARKETS)}
    industries = list(INDUSTRIES)
    by_region = np.array([places[_MARKET_OF_REGION[name]] for name in REGIONS])
    markets = by_region[region]
    finance: Bools = (industry == industries.index("금융")) & (band >= 1)
    public: Bools = (industry == industries.index("공공")) | (
        (industry == industries.index("교육")) & (band >= 2)
    )
    return np.select([finance, public], [places["finance"], places["public"]], markets)


def _seats(dice: np.random.Generator, organisation: Organisation, markets: Ints) -> Ints:
    """A seat in each customer's market; some seats carry more than others."""
    weights = dice.lognormal(0, 0.25, len(organisation.markets))
    weights[0] = 1.2 * weights[0] if weights[0] > 1 else 1.2
    seats = np.zeros(len(markets), dtype=np.int64)
    for market in range(len(MARKETS)):
        own = np.flatnonzero(organisation.markets == market)
        wanted = markets == market
        shares = weights[own] / weights[own].sum()
        seats[wanted] = dice.choice(own, size=int(wanted.sum()), p=shares)
    return seats
