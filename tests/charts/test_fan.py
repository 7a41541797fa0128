"""Where will we land: a fan from what is booked to where the period may end."""

from __future__ import annotations

from charts.fan import Booked, Landing, Mark, fan
from charts.numbers import Unit
from charts.theme import LIGHT, Role
from tests.charts.samples import ENGLISH, KOREAN, d, texts

SO_FAR = [Booked("W1", d(10)), Booked("W2", d(30)), Booked("W3", None), Booked("W4", None)]
LANDING = Landing(d(60), d(80), d(110), target=d(100), marks=[Mark("Reps' commit", d(95))])


def test_the_fan_opens_where_the_booked_line_ends() -> None:
    figure = fan(SO_FAR, LANDING, Unit.COUNT, ENGLISH)
    band = next(trace for trace in figure.data if trace.fill == "toself")

    assert band.x == (1, 3, 3, 1)
    assert band.y == (30, 110, 60, 30)


def test_ends_target_and_calls_are_named_beside_them() -> None:
    found = texts(fan(SO_FAR, LANDING, Unit.COUNT, ENGLISH))

    assert {"P10 60", "P50 80", "P90 110", "Reps' commit", "Target"} <= set(found)
    assert "목표" in texts(fan(SO_FAR, LANDING, Unit.COUNT, KOREAN))


def test_the_target_is_dashed_and_the_booked_line_solid() -> None:
    figure = fan(SO_FAR, LANDING, Unit.COUNT, ENGLISH)
    target = next(t for t in figure.data if t.line.dash == "dash")
    booked = next(t for t in figure.data if t.line.color == LIGHT[Role.ACTUAL])

    assert target.y == (100, 100)
    assert booked.y == (10, 30, None, None)


def test_a_period_yet_to_begin_opens_from_nothing() -> None:
    figure = fan([Booked("W1", None), Booked("W2", None)], LANDING, Unit.COUNT, ENGLISH)
    band = next(trace for trace in figure.data if trace.fill == "toself")

    assert band.y == (0, 110, 60, 0)
