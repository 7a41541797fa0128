"""Styles and short ways to write values for the tests of figures."""

from decimal import Decimal
from typing import Any

from charts.data import Style

KOREAN = Style("ko", "KRW")
ENGLISH = Style("en", "USD")


def d(value: str | int) -> Decimal:
    return Decimal(value)


def texts(figure: Any) -> list[str]:
    """What the annotations of a figure say."""
    return [annotation.text for annotation in figure.layout.annotations]
