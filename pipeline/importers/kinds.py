"""What a cell may hold: one class for each kind of value, reading one text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext as _

from periods import YEARS, Calendar
from pipeline.importers.errors import Unreadable
from pipeline.importers.references import References

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_GROUPED_NUMBER = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_MONEY_SIGNS = re.compile(r"[\s₩￦$€£¥원]")
_DAY = re.compile(r"(\d{4})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{1,2})\.?")
_CLOCK = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d:\d{2}.*)")


@dataclass(frozen=True)
class Reading:
    """How the cells of one column are written, and what they may refer to.

    `zone` is that of times which name none, the company's if left out.
    """

    calendar: Calendar
    references: References
    format: str = ""
    decimal_comma: bool = False
    zone: ZoneInfo | None = None
    percent: bool = False


class Kind(Protocol):
    """Reads a text that is not empty. Unreadable if it holds something else."""

    def read(self, text: str, how: Reading) -> Any: ...


@dataclass(frozen=True)
class Text:
    """At most `limit` characters, none of them for control."""

    limit: int = 200

    def read(self, text: str, how: Reading) -> str:
        if len(text) > self.limit:
            raise Unreadable(_("at most %(limit)d characters") % {"limit": self.limit})
        if _CONTROL.search(text):
            raise Unreadable(_("text without control characters"))
        return text


@dataclass(frozen=True)
class Number:
    """A decimal from `low` to `high`, rounded to `places`."""

    digits: int = 18
    places: int = 2
    low: Decimal = Decimal(0)

    def read(self, text: str, how: Reading) -> Decimal:
        value = _decimal(text, comma=how.decimal_comma)
        limit = Decimal(10) ** (self.digits - self.places)
        if value is None or not self.low <= value < limit:
            raise Unreadable(
                _("a number from %(low)s to %(limit)s, such as 1234.50")
                % {"low": self.low, "limit": limit}
            )
        return value.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)


def _decimal(text: str, *, comma: bool) -> Decimal | None:
    bare = _MONEY_SIGNS.sub("", text)
    if comma:
        bare = bare.translate({ord(","): ".", ord("."): ","})
    if _GROUPED_NUMBER.fullmatch(bare):
        bare = bare.replace(",", "")
    return Decimal(bare) if len(bare) < 60 and _PLAIN_NUMBER.fullmatch(bare) else None


@dataclass(frozen=True)
class Whole:
    """A whole number from 0 to `limit`, also written with thousands apart."""

    limit: int = 2_000_000_000

    def read(self, text: str, how: Reading) -> int:
        value = _decimal(text, comma=how.decimal_comma)
        if value is None or value != int(value) or not 0 <= value <= self.limit:
            raise Unreadable(_("a whole number from 0 to %(limit)s") % {"limit": f"{self.limit:,}"})
        return int(value)


@dataclass(frozen=True)
class Fraction:
    """From 0 to 1, also written as a percentage."""

    def read(self, text: str, how: Reading) -> Decimal:
        percent = how.percent or text.endswith("%")
        value = _decimal(text.removesuffix("%"), comma=how.decimal_comma)
        if value is not None and percent:
            value /= 100
        if value is None or not 0 <= value <= 1:
            raise Unreadable(_("a share from 0 to 1, such as 0.4 or 40%%") % {})
        return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Flag:
    """Yes or no, in English or Korean."""

    def read(self, text: str, how: Reading) -> bool:
        value = _FLAGS.get(text.casefold())
        if value is None:
            raise Unreadable(_("yes or no (also true or false, 1 or 0)"))
        return value


_FLAGS = {"true": True, "yes": True, "y": True, "t": True, "1": True, "예": True, "o": True}
_FLAGS |= {"false": False, "no": False, "n": False, "f": False, "0": False}
_FLAGS |= {"아니오": False, "아니요": False, "x": False}


@dataclass(frozen=True)
class Currency:
    """A code of three letters, in capitals."""

    def read(self, text: str, how: Reading) -> str:
        if not re.fullmatch(r"[A-Za-z]{3}", text):
            raise Unreadable(_("a currency as three letters, such as KRW"))
        return text.upper()


@dataclass(frozen=True)
class Email:
    """An address, in small letters."""

    def read(self, text: str, how: Reading) -> str:
        try:
            validate_email(text)
        except ValidationError:
            raise Unreadable(_("an e-mail address")) from None
        return text.lower()


@dataclass(frozen=True)
class Choice:
    """One of a few values, written as itself or as its label in either language."""

    values: type[TextChoices]

    def read(self, text: str, how: Reading) -> str:
        value = _spellings(self.values).get(text.casefold())
        if value is None:
            raise Unreadable(
                _("one of %(values)s") % {"values": ", ".join(filter(None, self.values.values))}
            )
        return value


@cache
def _spellings(values: type[TextChoices]) -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "ko"):
        with translation.override(language):
            found |= {str(label).casefold(): str(value) for value, label in values.choices}
    return found | {str(value).casefold(): str(value) for value in values.values}


@dataclass(frozen=True)
class Day:
    """A business day; of an instant with a zone, the day that it falls on in the company."""

    def read(self, text: str, how: Reading) -> date:
        found = _moment(text, how)
        if isinstance(found, datetime):
            placed = found.replace(tzinfo=found.tzinfo or how.zone)
            return how.calendar.business_day(placed) if placed.tzinfo else found.date()
        return found


@dataclass(frozen=True)
class Instant:
    """A day means its start in the company's time zone; a time without a zone is there too,
    unless the mapping names another.
    """

    def read(self, text: str, how: Reading) -> datetime:
        found = _moment(text, how)
        if not isinstance(found, datetime):
            return how.calendar.start_of(found)
        return found if found.tzinfo else found.replace(tzinfo=how.zone or how.calendar.zone)


def _moment(text: str, how: Reading) -> date | datetime:
    try:
        found = _formatted(text, how.format) if how.format else _iso(text)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in YEARS:
        example = datetime(2026, 11, 3, 9, 30).strftime(how.format or "%Y-%m-%d")  # noqa: DTZ001 # an example
        raise Unreadable(
            _("a date of the years %(first)s to %(last)s written like %(example)s")
            % {"first": YEARS[0], "last": YEARS[-1], "example": example}
        )
    return found


def _formatted(text: str, form: str) -> date | datetime:
    found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the company's
    return found if "%H" in form or "%I" in form or "%X" in form else found.date()


def _iso(text: str) -> date | datetime:
    """Standard dates first, since most are; then those that people write."""
    try:
        return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        return _handwritten(text)


def _handwritten(text: str) -> date | datetime:
    if day := _DAY.fullmatch(text):
        year, month, number = map(int, day.groups())
        return date(year, month, number)
    if clock := _CLOCK.fullmatch(text):
        text = f"{clock[1]}T0{clock[2]}"
    return datetime.fromisoformat(text)


@dataclass(frozen=True)
class Reference:
    """Another row, known by its external id, name or what else identifies it."""

    to: str

    def read(self, text: str, how: Reading) -> int:
        return how.references.find(self.to, text)
