"""Numbers as people type them: 10억, 1,000만, 12.7B, 35 %."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from charts.language import is_korean
from charts.numbers import FRACTIONS, MINUS, MONEY_UNITS, Unit

SCALES = {
    "조": 12,
    "억": 8,
    "만": 4,
    "천": 3,
    "k": 3,
    "m": 6,
    "b": 9,
    "t": 12,
    "": 0,
}
ADORNMENTS = re.compile(r"[₩$€¥,\s]|원|%p?|×|x|일|시간|개월|days?|hours?|months?|pp", re.IGNORECASE)
PART = re.compile(r"(\d+(?:\.\d+)?|\.\d+)([조억만천kmbt]?)", re.IGNORECASE)
PERCENT = Decimal(100)
LARGEST = Decimal(10) ** 17


def read_number(text: str, unit: Unit) -> Decimal:
    """The number that was typed; a percentage becomes a fraction. ValidationError otherwise."""
    bare = ADORNMENTS.sub("", text.replace(MINUS, "-"))
    size = bare.removeprefix("-")
    parts = PART.findall(size)
    if not parts or "".join(number + scale for number, scale in parts) != size:
        raise ValidationError(_("Enter a number, such as 10억, 12.7M or 35."))
    total = sum((_scaled(number, scale) for number, scale in parts), Decimal(0))
    if total >= LARGEST:
        raise ValidationError(_("This number is too large."))
    value = -total if bare.startswith("-") else total
    return value / PERCENT if unit in FRACTIONS else value


def _scaled(number: str, scale: str) -> Decimal:
    try:
        return Decimal(number).scaleb(SCALES[scale.lower()])
    except InvalidOperation as error:
        raise ValidationError(_("This number is too large.")) from error


def typed(value: Decimal, unit: Unit, *, language: str) -> str:
    """A number as a form shows it, without its unit: exact, so that it reads back."""
    shown = value * PERCENT if unit in FRACTIONS else value
    if unit not in MONEY_UNITS:
        return _plain(shown)
    sign = "-" if shown < 0 else ""
    return sign + (_korean if is_korean(language) else _english)(abs(shown))


def _plain(number: Decimal) -> str:
    whole, _point, fraction = f"{number:f}".partition(".")
    fraction = fraction.rstrip("0")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}" + (f".{fraction}" if fraction else "")


def _korean(number: Decimal) -> str:
    """12억 5,000만: each step of four digits with its name."""
    parts = []
    for name in ("조", "억", "만"):
        count, number = divmod(number, Decimal(10) ** SCALES[name])
        if count:
            parts.append(f"{count:,f}{name}")
    if number or not parts:
        parts.append(_plain(number))
    return " ".join(parts)


def _english(number: Decimal) -> str:
    """12.5M, where at most two decimals say it all; else every digit."""
    for name in ("T", "B", "M", "K"):
        scaled = number.scaleb(-SCALES[name.lower()])
        if scaled >= 1 and scaled == round(scaled, 2):
            return f"{_plain(scaled)}{name}"
    return _plain(number)
