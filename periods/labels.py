"""How periods are called in Korean and English; other languages read English."""

from babel.dates import format_interval, format_skeleton

from periods.grain import Grain
from periods.named import NAMED
from periods.period import Period

_HALVES = {1: "상반기", 2: "하반기"}


def label(period: Period, language: str) -> str:
    """Its full name: "2026년 4분기" or "Q4 2026", "2026년 10월 1일~11월 15일" or its like."""
    match period.grain:
        case Grain.DAY:
            return str(format_skeleton("yMMMd", period.start, locale=_locale(language)))
        case Grain.MONTH:
            return str(format_skeleton("yMMMM", period.start, locale=_locale(language)))
        case None:
            return _range(period, language)
    return _korean(period) if _locale(language) == "ko" else _english(period)


def short_label(period: Period, language: str) -> str:
    """Its name on an axis, without the year: "4분기" or "Q4", "11월 3일" or "Nov 3"."""
    match period.grain:
        case Grain.DAY | None:
            return str(format_skeleton("MMMd", period.start, locale=_locale(language)))
        case Grain.MONTH:
            return str(format_skeleton("MMM", period.start, locale=_locale(language)))
        case Grain.YEAR:
            return label(period, language)
    return _korean_part(period) if _locale(language) == "ko" else _english_part(period)


def named_label(code: str, language: str) -> str:
    """The label of a named period such as this-quarter; KeyError for another code."""
    return NAMED[code].ko if _locale(language) == "ko" else NAMED[code].en


def _locale(language: str) -> str:
    return "ko" if language.partition("-")[0] == "ko" else "en"


def _range(period: Period, language: str) -> str:
    if period.days <= 1:
        return str(format_skeleton("yMMMd", period.start, locale=_locale(language)))
    return format_interval(period.start, period.last_day, "yMMMd", locale=_locale(language))


def _korean(period: Period) -> str:
    if period.grain is Grain.WEEK:
        return f"{period.start.isocalendar().year}년 {_korean_part(period)}"
    year = f"{period.fiscal_year}년"
    if period.calendar.fiscal_year_start > 1:
        year = f"{period.fiscal_year} 회계연도"
    return f"{year} {_korean_part(period)}".strip()


def _korean_part(period: Period) -> str:
    match period.grain:
        case Grain.HALF:
            return _HALVES[period.number]
        case Grain.QUARTER:
            return f"{period.number}분기"
        case Grain.WEEK:
            return f"{period.number}주"
    return ""


def _english(period: Period) -> str:
    if period.grain is Grain.WEEK:
        return f"Week {period.number}, {period.start.isocalendar().year}"
    fiscal = "FY" if period.calendar.fiscal_year_start > 1 else ""
    return f"{_english_part(period)} {fiscal}{period.fiscal_year}".strip()


def _english_part(period: Period) -> str:
    match period.grain:
        case Grain.HALF:
            return f"H{period.number}"
        case Grain.QUARTER:
            return f"Q{period.number}"
        case Grain.WEEK:
            return f"W{period.number}"
    return ""
