"""Every number that people read is written here, so each rule has its example."""

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.numbers import Scale, Unit, axis_scale, change, write

NBSP = "\u00a0"
amounts = st.decimals(min_value=-(10**18), max_value=10**18, places=2)


def money(value: str, language: str, currency: str, *, short: bool = True) -> str:
    return write(Decimal(value), Unit.MONEY, language=language, currency=currency, short=short)


def korean(value: str, unit: Unit) -> str:
    return write(Decimal(value), unit, language="ko", currency="KRW")


def english(value: str, unit: Unit) -> str:
    return write(Decimal(value), unit, language="en", currency="USD")


@pytest.mark.parametrize(
    ("won", "in_korean", "in_english"),
    [
        ("12700000000", "127억", "₩12.7B"),
        ("1270000000", "12.7억", "₩1.27B"),
        ("1200000000", "12억", "₩1.2B"),
        ("130000000", "1.3억", "₩130M"),
        ("99000000", "9,900만", "₩99M"),
        ("10000000", "1,000만", "₩10M"),
        ("15000", "1.5만", "₩15K"),
        ("9999", "9,999원", "₩10K"),
        ("950", "950원", "₩950"),
        ("0", "0원", "₩0"),
        ("1270000000000", "1.27조", "₩1.27T"),
    ],
)
def test_won_are_short_on_tiles(won: str, in_korean: str, in_english: str) -> None:
    assert money(won, "ko", "KRW") == in_korean
    assert money(won, "en", "KRW") == in_english


def test_money_in_full_has_its_currencys_decimals_where_they_say_something() -> None:
    assert money("12700000000", "ko", "KRW", short=False) == "12,700,000,000원"
    assert money("12700000000", "en", "KRW", short=False) == "₩12,700,000,000"
    assert money("2982255", "en", "USD", short=False) == "$2,982,255"
    assert money("2982255.50", "en", "USD", short=False) == "$2,982,255.50"
    assert money("1500.7", "en", "JPY", short=False) == "¥1,501"


def test_other_currencies_keep_their_symbol_in_both_languages() -> None:
    assert money("2982255", "en", "USD") == "$2.98M"
    assert money("2982255", "ko", "USD") == "$298만"
    assert money("2982255", "ko", "USD", short=False) == "$2,982,255"
    assert money("45.2", "en", "EUR") == "€45.20"


def test_an_amount_that_rounds_up_to_the_next_name_takes_it() -> None:
    assert money("99996000", "ko", "KRW") == "1억"
    assert money("95000001", "ko", "KRW") == "9,500만"
    assert money("999999", "en", "USD") == "$1M"


def test_negative_amounts_have_a_real_minus_before_all_else() -> None:
    assert money("-4500000", "ko", "KRW") == "−450만"
    assert money("-4500000", "en", "USD") == "−$4.5M"
    assert money("-0.001", "en", "USD") == "$0"


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_measured_is_a_dash(unit: Unit, language: str) -> None:
    assert write(None, unit, language=language, currency="KRW", signed=True) == "–"


@pytest.mark.parametrize(
    ("value", "unit", "in_korean", "in_english"),
    [
        ("1480", Unit.COUNT, "1,480", "1,480"),
        ("0.631501", Unit.PERCENT, f"63.2{NBSP}%", f"63.2{NBSP}%"),
        ("1.27", Unit.PERCENT, f"127.0{NBSP}%", f"127.0{NBSP}%"),
        ("0.2", Unit.POINTS, f"20.0{NBSP}%p", f"20.0{NBSP}pp"),
        ("51.84", Unit.DAYS, "51.8일", f"51.8{NBSP}days"),
        ("3.25", Unit.HOURS, "3.2시간", f"3.2{NBSP}hours"),
        ("14", Unit.MONTHS, "14.0개월", f"14.0{NBSP}months"),
        ("3.2", Unit.RATIO, "3.2×", "3.2×"),
        ("10000000", Unit.MONEY_PER_DAY, "$1,000만/일", "$10M/day"),
    ],
)
def test_every_unit_is_written(value: str, unit: Unit, in_korean: str, in_english: str) -> None:
    assert write(Decimal(value), unit, language="ko", currency="USD") == in_korean
    assert write(Decimal(value), unit, language="en", currency="USD") == in_english


def test_halves_round_to_even() -> None:
    assert [korean(value, Unit.DAYS) for value in ("0.25", "0.35", "0.45")] == [
        "0.2일",
        "0.4일",
        "0.4일",
    ]
    assert english("0.0625", Unit.PERCENT) == f"6.2{NBSP}%"


def test_places_can_be_chosen() -> None:
    day = write(Decimal("1.2"), Unit.DAYS, language="en", currency="USD", places=0)
    share = write(Decimal("0.83"), Unit.PERCENT, language="ko", currency="KRW", places=0)

    assert day == f"1{NBSP}day"
    assert share == f"83{NBSP}%"


def test_gains_show_their_sign_where_asked() -> None:
    def signed(value: str) -> str:
        return write(Decimal(value), Unit.POINTS, language="ko", currency="KRW", signed=True)

    assert signed("0.2") == f"+20.0{NBSP}%p"
    assert signed("-0.2") == f"−20.0{NBSP}%p"
    assert signed("-0.0001") == f"0.0{NBSP}%p"


def test_changes_say_their_direction_by_arrow() -> None:
    assert change(Decimal("0.12"), language="ko") == f"▲{NBSP}12{NBSP}%"
    assert change(Decimal("-0.25"), language="en") == f"▼{NBSP}25{NBSP}%"
    assert change(Decimal("0.034"), language="en") == f"▲{NBSP}3.4{NBSP}%"
    assert change(Decimal("0.2"), Unit.POINTS, language="ko") == f"▲{NBSP}20.0{NBSP}%p"
    assert change(Decimal("-0.0001"), language="ko") == f"–{NBSP}0.0{NBSP}%"
    assert change(None, language="ko") == "–"


@pytest.mark.parametrize(
    ("highest", "unit", "currency", "in_korean", "in_english"),
    [
        ("12700000000", Unit.MONEY, "KRW", (10**8, "억 원"), (10**9, "₩B")),
        ("5000000", Unit.MONEY, "USD", (10**4, "만 USD"), (10**6, "$M")),
        ("300", Unit.MONEY, "KRW", (1, "원"), (1, "₩")),
        ("300", Unit.MONEY_PER_DAY, "KRW", (1, "원/일"), (1, "₩/day")),
        ("0.8", Unit.PERCENT, "KRW", ("0.01", "%"), ("0.01", "%")),
        ("90", Unit.DAYS, "KRW", (1, "일"), (1, "days")),
        ("90", Unit.COUNT, "KRW", (1, ""), (1, "")),
    ],
)
def test_an_axis_names_its_unit_once(
    highest: str,
    unit: Unit,
    currency: str,
    in_korean: tuple[str | int, str],
    in_english: tuple[str | int, str],
) -> None:
    for language, (divisor, name) in (("ko", in_korean), ("en", in_english)):
        scale = axis_scale(Decimal(highest), unit, language=language, currency=currency)
        assert scale == Scale(Decimal(divisor), name)


def test_ticks_are_bare_numbers() -> None:
    hundred_millions = Scale(Decimal(10**8), "억 원")

    assert hundred_millions.tick(Decimal(12_000_000_000)) == "120"
    assert hundred_millions.tick(Decimal(-250_000_000)) == "−2.5"
    assert hundred_millions.tick(Decimal(0)) == "0"


def read_back(text: str) -> Decimal:
    """The naive reader of Korean short amounts."""
    names = {"만": 10**4, "억": 10**8, "조": 10**12, "원": 1}
    digits = text.rstrip("".join(names)).replace(",", "").replace("−", "-")
    return Decimal(digits) * names[text[-1]]


@given(amounts)
def test_short_amounts_stay_near_what_they_abbreviate(amount: Decimal) -> None:
    text = write(amount, Unit.MONEY, language="ko", currency="KRW")

    assert abs(read_back(text) - amount) <= max(abs(amount) / 20, Decimal("0.5"))


@given(amounts, st.sampled_from(Unit), st.sampled_from(["ko", "en"]))
def test_no_number_shows_a_hyphen_or_a_negative_zero(
    amount: Decimal, unit: Unit, language: str
) -> None:
    for short in (True, False):
        text = write(amount, unit, language=language, currency="USD", short=short)
        assert "-" not in text
        assert ("−" in text) == (amount < 0 and any(digit in text for digit in "123456789"))


def test_writing_numbers_does_not_load_plotly() -> None:
    code = "import sys, charts.numbers, charts.sparkline; sys.exit('plotly' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
