"""What the demo company has set up: its sales process, channels and products."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.eight_steps import STEPS as EIGHT_STEPS
from pipeline.models import Outcome


class Step(NamedTuple):
    """What the invented history needs to know of a stage."""

    outcome: Outcome
    days: float
    """Median working days that a deal stays."""
    loss: float
    """How often a visit ends with the deal lost."""


_PACE = (
    (6, 0.23), (9, 0.24), (13, 0.21), (19, 0.19), (13, 0.17), (8, 0.06), (5, 0.04), (0, 0), (0, 0),
)  # fmt: skip
STEPS = tuple(
    Step(step.outcome, days, loss) for step, (days, loss) in zip(EIGHT_STEPS, _PACE, strict=True)
)
LAST_OPEN = sum(step.outcome == Outcome.OPEN for step in STEPS)
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
