from datetime import date
from zoneinfo import ZoneInfo

import pytest

from periods import NAMED, Calendar
from periods.labels import label, named_label, short_label
from tests.periods.strategies import at, seoul

APRIL = Calendar(ZoneInfo("Asia/Seoul"), fiscal_year_start=4)


@pytest.mark.parametrize(
    ("code", "korean", "english"),
    [
        ("2026", "2026년", "2026"),
        ("2026-H1", "2026년 상반기", "H1 2026"),
        ("2026-H2", "2026년 하반기", "H2 2026"),
        ("2026-Q4", "2026년 4분기", "Q4 2026"),
        ("2026-11", "2026년 11월", "November 2026"),
        ("2026-W01", "2026년 1주", "Week 1, 2026"),
        ("2026-11-03", "2026년 11월 3일", "Nov 3, 2026"),
        ("2026-11-03..2026-11-03", "2026년 11월 3일", "Nov 3, 2026"),
    ],
)
def test_periods_are_called(code: str, korean: str, english: str) -> None:
    assert label(seoul(code), "ko") == korean
    assert label(seoul(code), "en") == english


def test_a_range_names_both_days_that_it_includes() -> None:
    period = seoul("2026-10-01..2026-11-15")

    assert label(period, "ko") == "2026년 10월 1일 ~ 11월 15일"
    assert label(period, "en").replace("\u2009", " ") == "Oct 1 – Nov 15, 2026"


@pytest.mark.parametrize(
    ("code", "korean", "english"),
    [
        ("2026", "2026 회계연도", "FY2026"),
        ("2026-H2", "2026 회계연도 하반기", "H2 FY2026"),
        ("2026-Q4", "2026 회계연도 4분기", "Q4 FY2026"),
        ("2026-11", "2026년 11월", "November 2026"),
    ],
)
def test_fiscal_periods_say_so_where_the_year_does_not_start_in_january(
    code: str, korean: str, english: str
) -> None:
    period = APRIL.parse(code, at=at(date(2026, 11, 22)))

    assert label(period, "ko") == korean
    assert label(period, "en") == english


@pytest.mark.parametrize(
    ("code", "korean", "english"),
    [
        ("2026", "2026년", "2026"),
        ("2026-H1", "상반기", "H1"),
        ("2026-Q4", "4분기", "Q4"),
        ("2026-11", "11월", "Nov"),
        ("2026-W47", "47주", "W47"),
        ("2026-11-03", "11월 3일", "Nov 3"),
        ("2026-10-01..2026-10-04", "10월 1일", "Oct 1"),
    ],
)
def test_on_an_axis_the_year_is_left_out(code: str, korean: str, english: str) -> None:
    assert short_label(seoul(code), "ko") == korean
    assert short_label(seoul(code), "en") == english


def test_named_periods_have_labels() -> None:
    assert named_label("this-quarter", "ko") == "이번 분기"
    assert named_label("this-quarter", "en") == "This quarter"
    assert all(named.ko and named.en for named in NAMED.values())


def test_other_languages_read_english() -> None:
    assert label(seoul("2026-Q4"), "en-gb") == label(seoul("2026-Q4"), "fr") == "Q4 2026"
    assert label(seoul("2026-Q4"), "ko-kr") == "2026년 4분기"
