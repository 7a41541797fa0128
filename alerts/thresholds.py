"""Thresholds as people type them: 10억, 1,000만, 12.7B, 35 %."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from charts.numbers import FRACTIONS, MINUS, Unit

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


def read_threshold(text: str, unit: Unit) -> Decimal:
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


def typed(value: Decimal, unit: Unit) -> str:
    """A threshold as the form shows it, without its unit."""
    shown = value * PERCENT if unit in FRACTIONS else value
    whole, _point, fraction = f"{shown:f}".partition(".")
    fraction = fraction.rstrip("0")
    return f"{Decimal(whole):,}" + (f".{fraction}" if fraction else "")
