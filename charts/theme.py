"""How every figure looks: the one palette (Okabe–Ito on greys), the fonts, the bare layout.

A figure for the page is always drawn in LIGHT; a dark page replaces each colour by the one of
the same role in DARK, so the two map one to one.
"""

import json
from enum import StrEnum
from typing import Any

from charts.data import Style
from charts.language import is_korean


class Role(StrEnum):
    """What a colour means; no more than five of them are hues."""

    ACTUAL = "actual"
    FORECAST = "forecast"
    GOOD = "good"
    BAD = "bad"
    TARGET = "target"
    LAST_YEAR = "last-year"
    TEXT = "text"
    MUTED = "muted"
    GRID = "grid"
    SURFACE = "surface"


LIGHT = {
    Role.ACTUAL: "#0072b2",
    Role.FORECAST: "#cc79a7",
    Role.GOOD: "#009e73",
    Role.BAD: "#d55e00",
    Role.TARGET: "#000000",
    Role.LAST_YEAR: "#8a929c",
    Role.TEXT: "#1b1f24",
    Role.MUTED: "#5b6470",
    Role.GRID: "#e6e8eb",
    Role.SURFACE: "#ffffff",
}
DARK = {
    Role.ACTUAL: "#56b4e9",
    Role.FORECAST: "#cc79a8",
    Role.GOOD: "#00b383",
    Role.BAD: "#e66a0a",
    Role.TARGET: "#f5f6f7",
    Role.LAST_YEAR: "#7b8591",
    Role.TEXT: "#e8eaed",
    Role.MUTED: "#a3abb5",
    Role.GRID: "#2b3138",
    Role.SURFACE: "#16191d",
}

SYSTEM_FONTS = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
KOREAN_FONTS = (
    'Pretendard, "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", '
)
TRANSPARENT = "rgba(0,0,0,0)"


def colour(role: Role, style: Style) -> str:
    """The colour of `role` in the palette of `style`."""
    return (DARK if style.dark else LIGHT)[role]


def palette_json() -> str:
    """Both palettes by role, for the page that swaps them: {"light": {…}, "dark": {…}}."""
    return json.dumps({"light": LIGHT, "dark": DARK})


def fonts(style: Style) -> str:
    """The font stack, Korean first where the language is Korean."""
    return KOREAN_FONTS + SYSTEM_FONTS if is_korean(style.language) else SYSTEM_FONTS


def layout(style: Style) -> dict[str, Any]:
    """The layout that all figures share: transparent, no legend, nothing to drag."""
    return {
        "template": {},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "font": {"family": fonts(style), "size": 13, "color": colour(Role.TEXT, style)},
        "margin": {"l": 8, "r": 8, "t": 16, "b": 8},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "barcornerradius": 3,
        "hoverlabel": {
            "bgcolor": colour(Role.SURFACE, style),
            "bordercolor": colour(Role.LAST_YEAR, style),
            "font": {"color": colour(Role.TEXT, style), "size": 13},
            "align": "left",
        },
    }
