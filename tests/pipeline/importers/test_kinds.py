"""What a cell may hold, however people write it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periods import Calendar
from pipeline.importers.errors import Unreadable
from pipeline.importers.kinds import (
    Choice,
    Currency,
    Day,
    Email,
    Flag,
    Fraction,
    Instant,
    Kind,
    Number,
    Reading,
    Text,
    Whole,
)
from pipeline.importers.references import References
from pipeline.importers.tables import TABLES
from pipeline.models import DealKind

SEOUL = ZoneInfo("Asia/Seoul")
HOW = Reading(Calendar(SEOUL), References())


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Number(), "1234.5", Decimal("1234.50")),
        (Number(), "₩1,234,567", Decimal(1234567)),
        (Number(), "12,000원", Decimal(12000)),
        (Number(), "0.005", Decimal("0.01")),
        (Whole(), "1,200", 1200),
        (Whole(), "12.0", 12),
        (Fraction(), "0.4", Decimal("0.4")),
        (Fraction(), "62.5%", Decimal("0.625")),
        (Flag(), "TRUE", True),
        (Flag(), "아니오", False),
        (Currency(), "usd", "USD"),
        (Email(), "Min@Example.com", "min@example.com"),
        (Choice(DealKind), "renewal", "renewal"),
        (Choice(DealKind), "New business", "new"),
        (Text(5), "한빛", "한빛"),
        (Day(), "2026-01-05", date(2026, 1, 5)),
        (Day(), "2026. 1. 5.", date(2026, 1, 5)),
        (Day(), "2026/1/5", date(2026, 1, 5)),
        (Day(), "20260105", date(2026, 1, 5)),
        (Day(), "2026-01-05T20:00:00Z", date(2026, 1, 6)),
        (Instant(), "2026-01-05", datetime(2026, 1, 5, tzinfo=SEOUL)),
        (Instant(), "2026-01-05 9:30:00", datetime(2026, 1, 5, 9, 30, tzinfo=SEOUL)),
        (Instant(), "2026-01-05T09:30:00+00:00", datetime(2026, 1, 5, 18, 30, tzinfo=SEOUL)),
    ],
)
def test_usual_ways_of_writing_are_understood(kind: Kind, text: str, value: Any) -> None:
    assert kind.read(text, HOW) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Number(), "1,5"),
        (Number(), "1.234,56"),
        (Number(), "1e5"),
        (Number(), "NaN"),
        (Number(), "9" * 17),
        (Whole(), "1.5"),
        (Fraction(), "140%"),
        (Flag(), "maybe"),
        (Currency(), "won"[:2]),
        (Email(), "min@"),
        (Choice(DealKind), "old"),
        (Text(5), "한빛상사주식회사"),
        (Day(), "05.01.2026"),
        (Day(), "2026-13-01"),
        (Instant(), "2026-01-05 25:00"),
    ],
)
def test_what_is_not_understood_is_not_guessed_at(kind: Kind, text: str) -> None:
    with pytest.raises(Unreadable):
        kind.read(text, HOW)


def test_a_format_replaces_what_is_understood_otherwise() -> None:
    how = Reading(HOW.calendar, HOW.references, format="%d.%m.%Y")
    assert Day().read("05.01.2026", how) == date(2026, 1, 5)
    with pytest.raises(Unreadable, match=r"written like 03\.11\.2026"):
        Day().read("2026-01-05", how)


def test_a_format_with_a_time_gives_that_instant() -> None:
    how = Reading(HOW.calendar, HOW.references, format="%d/%m/%Y %H:%M")
    assert Instant().read("05/01/2026 09:30", how) == datetime(2026, 1, 5, 9, 30, tzinfo=SEOUL)


def test_numbers_may_have_a_decimal_comma() -> None:
    how = Reading(HOW.calendar, HOW.references, decimal_comma=True)
    assert Number().read("1.234,56", how) == Decimal("1234.56")


def kinds_without_references() -> list[Kind]:
    kinds = {kind for table in TABLES.values() for kind in table.fields.values()}
    return [kind for kind in kinds if not hasattr(kind, "to")]


def outcome(kind: Kind, text: str) -> Any:
    """What was read, or why it was not."""
    try:
        return kind.read(text, HOW)
    except Unreadable as fault:
        return str(fault)


KINDS = sorted(kinds_without_references(), key=repr)
DIGITS = st.text("0123456789.,-/:%TZ+ ", min_size=1)


@given(st.sampled_from(KINDS), st.one_of(st.text(min_size=1), DIGITS))
def test_no_text_breaks_the_reading_of_a_cell(kind: Kind, text: str) -> None:
    assert outcome(kind, text) is not None
