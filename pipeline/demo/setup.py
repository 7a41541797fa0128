"""What the demo company has set up: its sales process, channels and products."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.models import Category, Outcome


class Step(NamedTuple):
    """A stage of the process, with what the invented history needs to know of it."""

    name: str
    name_ko: str
    probability: str
    category: Category
    outcome: Outcome
    days: float
    """Median working days that a deal stays."""
    loss: float
    """How often a visit ends with the deal lost."""


_OPEN = Outcome.OPEN
STEPS = (
    Step("Qualify the opportunity", "기회의 가능성 판단", "0.05", Category.OMITTED, _OPEN, 6, 0.23),
    Step("Identify the problem", "과제 파악", "0.10", Category.PIPELINE, _OPEN, 9, 0.24),
    Step(
        "Agree value with the champion", "추진자와 도입 가치 합의",
        "0.20", Category.PIPELINE, _OPEN, 13, 0.21,
    ),
    Step(
        "Agree value with the decision-maker", "의사결정자와 도입 가치 합의",
        "0.40", Category.BEST_CASE, _OPEN, 19, 0.19,
    ),
    Step(
        "Negotiate price and agree mutually", "가격 협상과 상호 합의",
        "0.60", Category.BEST_CASE, _OPEN, 13, 0.17,
    ),
    Step("Contract procedure", "계약 체결 절차", "0.80", Category.COMMIT, _OPEN, 8, 0.06),
    Step(
        "Resolve missing paperwork", "서류 미비에 대한 대응",
        "0.90", Category.COMMIT, _OPEN, 5, 0.04,
    ),
    Step("Won", "수주", "1", Category.CLOSED, Outcome.WON, 0, 0),
    Step("Lost", "실주", "0", Category.OMITTED, Outcome.LOST, 0, 0),
)  # fmt: skip
LAST_OPEN = sum(step.outcome == _OPEN for step in STEPS)
WON, LOST = LAST_OPEN + 1, LAST_OPEN + 2
"""Stages are numbered from 1, as their positions are."""


class Channel(NamedTuple):
    """Where interest comes from."""

    slug: str
    name: str
    name_ko: str
    share: float
    """Of all leads."""
    quality: float
    """How much likelier than others its leads become deals, and those wins (log-odds)."""
    cost: int
    """Marketing won spent per lead."""
    visits: float
    """Visits per lead; 0 where nobody visits anything."""


CHANNELS = (
    Channel("search", "Search", "검색", 0.27, 0.0, 90_000, 34),
    Channel("referral", "Referral", "소개", 0.12, 0.55, 40_000, 9),
    Channel("exhibition", "Trade fair", "전시회", 0.13, -0.05, 310_000, 0),
    Channel("webinar", "Webinar", "웨비나", 0.14, 0.05, 120_000, 14),
    Channel("ads", "Advertising", "광고", 0.17, -0.3, 210_000, 52),
    Channel("outbound", "Outbound", "아웃바운드", 0.09, -0.25, 60_000, 0),
    Channel("partner", "Partner", "파트너", 0.08, 0.3, 150_000, 6),
)


class Article(NamedTuple):
    """A product."""

    name: str
    series: str
    list_price: int
    recurring: bool
    share: float


ARTICLES = (
    Article("결 ERP", "업무", 42_000_000, True, 0.17),
    Article("결 CRM", "업무", 24_000_000, True, 0.15),
    Article("결 그룹웨어", "업무", 12_000_000, True, 0.14),
    Article("결 데이터허브", "데이터", 36_000_000, True, 0.12),
    Article("결 AI 상담", "데이터", 30_000_000, True, 0.10),
    Article("결 보안관제", "인프라", 28_000_000, True, 0.12),
    Article("결 클라우드 백업", "인프라", 9_000_000, True, 0.11),
    Article("결 생산관리", "업무", 55_000_000, True, 0.09),
    Article("도입 컨설팅", "서비스", 25_000_000, False, 0.36),
    Article("데이터 이관", "서비스", 15_000_000, False, 0.27),
    Article("사용자 교육", "서비스", 6_000_000, False, 0.19),
    Article("전용 서버", "장비", 38_000_000, False, 0.18),
)
