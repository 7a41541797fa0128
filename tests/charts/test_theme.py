"""One palette, in a light and a dark form that map one to one."""

import json

import pytest

from charts.data import Style
from charts.theme import DARK, LIGHT, Role, colour, fonts, palette_json

GRAPHICS = {
    Role.ACTUAL, Role.FORECAST, Role.GOOD, Role.BAD, Role.TARGET, Role.LAST_YEAR
}  # fmt: skip
TEXTS = {Role.TEXT, Role.MUTED}


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", sorted(GRAPHICS))
def test_marks_can_be_told_from_the_background(palette: dict[Role, str], role: Role) -> None:
    assert contrast(palette[role], palette[Role.SURFACE]) >= 3


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", sorted(TEXTS))
def test_text_can_be_read(palette: dict[Role, str], role: Role) -> None:
    assert contrast(palette[role], palette[Role.SURFACE]) >= 4.5


def test_a_page_can_swap_every_colour_both_ways() -> None:
    assert set(LIGHT) == set(DARK) == set(Role)
    assert len(set(LIGHT.values())) == len(set(DARK.values())) == len(Role)


def test_no_more_than_five_colours_are_hues() -> None:
    def is_hue(colour: str) -> bool:
        channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        return max(channels) - min(channels) > 40

    assert sum(map(is_hue, LIGHT.values())) <= 5
    assert sum(map(is_hue, DARK.values())) <= 5


def test_the_page_gets_both_palettes_by_role() -> None:
    palettes = json.loads(palette_json())

    assert palettes["light"]["actual"] == LIGHT[Role.ACTUAL]
    assert palettes["dark"]["last-year"] == DARK[Role.LAST_YEAR]


def test_a_dark_style_draws_in_the_dark_palette() -> None:
    assert colour(Role.TEXT, Style("ko", "KRW", dark=True)) == DARK[Role.TEXT]
    assert colour(Role.TEXT, Style("ko", "KRW")) == LIGHT[Role.TEXT]


def test_korean_fonts_come_first_where_the_language_is_korean() -> None:
    assert fonts(Style("ko", "KRW")).startswith("Pretendard")
    assert fonts(Style("en", "KRW")).startswith("system-ui")
