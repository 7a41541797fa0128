"""The one place where a number is written for people, in Korean or English."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from babel.numbers import get_currency_precision, get_currency_symbol

from charts.language import is_korean

NOTHING = "–"
MINUS = "\u2212"
GAP = "\u00a0"


class Unit(StrEnum):
    """What a value counts; percent and points are fractions (0.631 is 63.1 %)."""

    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    DAYS = "days"
    HOURS = "hours"
    MONTHS = "months"
    RATIO = "ratio"
    MONEY_PER_DAY = "money_per_day"
    POINTS = "points"


MONEY_UNITS = frozenset({Unit.MONEY, Unit.MONEY_PER_DAY})
FRACTIONS = frozenset({Unit.PERCENT, Unit.POINTS})
PLACES = {Unit.COUNT: 0}


@dataclass(frozen=True)
class Magnitude:
    """A short form of large numbers: its divisor, its name, and its decimals below 10 and 100."""

    divisor: Decimal
    name: str
    below_ten: int
    below_hundred: int = 1

    def places(self, scaled: Decimal) -> int:
        """How many decimals a number of this magnitude shows."""
        if abs(scaled) >= 100:
            return 0
        return self.below_hundred if abs(scaled) >= 10 else self.below_ten


KOREAN = (
    Magnitude(Decimal(10**4), "만", 1),
    Magnitude(Decimal(10**8), "억", 1),
    Magnitude(Decimal(10**12), "조", 2),
)
ENGLISH = (
    Magnitude(Decimal(10**3), "K", 2),
    Magnitude(Decimal(10**6), "M", 2),
    Magnitude(Decimal(10**9), "B", 2),
    Magnitude(Decimal(10**12), "T", 2),
)

# Unit -> suffix in Korean, in English, in English after exactly 1.
SUFFIXES = {
    Unit.COUNT: ("", "", ""),
    Unit.PERCENT: (f"{GAP}%", f"{GAP}%", f"{GAP}%"),
    Unit.POINTS: (f"{GAP}%p", f"{GAP}pp", f"{GAP}pp"),
    Unit.DAYS: ("일", f"{GAP}days", f"{GAP}day"),
    Unit.HOURS: ("시간", f"{GAP}hours", f"{GAP}hour"),
    Unit.MONTHS: ("개월", f"{GAP}months", f"{GAP}month"),
    Unit.RATIO: ("×", "×", "×"),
}


def write(
    value: Decimal | int | None,
    unit: Unit,
    *,
    language: str,
    currency: str,
    short: bool = True,
    signed: bool = False,
    places: int | None = None,
) -> str:
    """The value as people read it: 127억, ₩12.7B, 63.2 %, 51.8일, 3.2×; "–" for None.

    `short` abbreviates money, `signed` puts a plus before gains, `places` overrides how many
    decimals values other than money show (0 for counts, else 1). Rounds half to even.
    """
    if value is None:
        return NOTHING
    number = Decimal(value)
    if unit in MONEY_UNITS:
        text = _money(abs(number), language, currency, short=short)
        if unit is Unit.MONEY_PER_DAY:
            text += "/일" if is_korean(language) else "/day"
    else:
        text = _plain(abs(number), unit, language, places)
    return _sign(number, text, signed=signed) + text


def change(
    delta: Decimal | None, unit: Unit = Unit.PERCENT, *, language: str, currency: str = ""
) -> str:
    """A change with its direction: "▲ 12 %", "▼ 3.4 %p"; "–" for None.

    A relative change comes as a fraction with unit percent, one in points with unit points.
    Percentages from 10 % are written without decimals.
    """
    if delta is None:
        return NOTHING
    places = 0 if unit is Unit.PERCENT and abs(delta) >= Decimal("0.0995") else None
    text = write(abs(delta), unit, language=language, currency=currency, places=places)
    arrow = NOTHING if is_zero(text) else "▲" if delta > 0 else "▼"
    return f"{arrow}{GAP}{text}"


@dataclass(frozen=True)
class Scale:
    """How an axis writes its numbers: divided by `divisor`, with `unit` named once."""

    divisor: Decimal
    unit: str

    def tick(self, value: Decimal) -> str:
        """The bare number at a tick; the axis names the unit."""
        scaled = (value / self.divisor).normalize()
        return f"{scaled:,f}".replace("-", MINUS)


def axis_scale(highest: Decimal, unit: Unit, *, language: str, currency: str) -> Scale:
    """The scale for an axis that reaches `highest`, such as (10⁸, "억 원") or (10⁶, "$M")."""
    if unit in FRACTIONS:
        return Scale(Decimal("0.01"), SUFFIXES[unit][not is_korean(language)].strip(GAP))
    if unit not in MONEY_UNITS:
        return Scale(Decimal(1), SUFFIXES[unit][not is_korean(language)].strip(GAP))
    fitting = [m for m in _magnitudes(language) if m.divisor <= abs(highest)]
    magnitude = fitting[-1] if fitting else Magnitude(Decimal(1), "", 0)
    per_day = unit is Unit.MONEY_PER_DAY
    if is_korean(language):
        name = "원" if currency == "KRW" else currency
        return Scale(magnitude.divisor, f"{magnitude.name} {name}".strip() + "/일" * per_day)
    name = _symbol(currency) + magnitude.name
    return Scale(magnitude.divisor, name + "/day" * per_day)


def _money(number: Decimal, language: str, currency: str, *, short: bool) -> str:
    text, name = _abbreviated(number, language) if short else ("", "")
    if not name:
        places = get_currency_precision(currency)
        text = f"{number:,.{places}f}".removesuffix("." + "0" * places)
    if is_korean(language) and currency == "KRW":
        return f"{text}{name or '원'}"
    return f"{_symbol(currency)}{text}{name}"


def _abbreviated(number: Decimal, language: str) -> tuple[str, str]:
    """Number and name in the smallest magnitude in which it does not reach the next one."""
    magnitudes = _magnitudes(language)
    if number < magnitudes[0].divisor:
        return "", ""
    for magnitude, following in zip(magnitudes, (*magnitudes[1:], None), strict=True):
        scaled = number / magnitude.divisor
        rounded = round(scaled, magnitude.places(scaled))
        if following is None or rounded * magnitude.divisor < following.divisor:
            break
    return _trimmed(f"{rounded:,f}"), magnitude.name


def _plain(number: Decimal, unit: Unit, language: str, places: int | None) -> str:
    digits = PLACES.get(unit, 1) if places is None else places
    text = f"{number * 100 if unit in FRACTIONS else number:,.{digits}f}"
    korean, many, one = SUFFIXES[unit]
    if is_korean(language):
        return text + korean
    return text + (one if text == "1" else many)


def _sign(number: Decimal, text: str, *, signed: bool) -> str:
    if is_zero(text) or not number:
        return ""
    if number < 0:
        return MINUS
    return "+" if signed else ""


def is_zero(text: str) -> bool:
    """Whether a written number says nothing but zeros."""
    return not any(digit in text for digit in "123456789")


def _magnitudes(language: str) -> tuple[Magnitude, ...]:
    return KOREAN if is_korean(language) else ENGLISH


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _symbol(currency: str) -> str:
    # English symbols in both languages: Korean ones write "US$" for what people call "$".
    return str(get_currency_symbol(currency, locale="en"))
