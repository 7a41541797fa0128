"""Whatever values come, the incidents are those that a second, naive reading finds."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from alerts.judging import Step, farther, judge
from alerts.models import AlertRule, Incident
from alerts.reading import Figure
from tests.cast import seoul

START = seoul(2026, 3, 16)
THRESHOLD = 5

Value = Decimal | None
Spans = list[tuple[int, int | None, Decimal]]

sequences = st.lists(
    st.tuples(st.integers(1, 10), st.one_of(st.none(), st.integers(0, 10).map(Decimal))),
    max_size=30,
)


def judged(rule: AlertRule, readings: list[tuple[int, Value]]) -> Spans:
    """The incidents that judging each reading in its turn brings forth."""
    found: Spans = []
    incident: Incident | None = None
    since: datetime | None = None
    for minute, value in readings:
        at = START + timedelta(minutes=minute)
        figure = Figure(value, "ok" if value is not None else "empty")
        verdict = judge(rule, figure, at=at, crossed_since=since, incident=incident)
        since = verdict.crossed_since
        if verdict.step is Step.FIRE and value is not None:
            incident = Incident(peak=value, direction=rule.direction)
            found.append((minute, None, value))
        elif verdict.step is Step.WORSEN and incident and value is not None:
            incident.peak = farther(rule.direction, value, incident.peak)
            found[-1] = (found[-1][0], None, incident.peak)
        elif verdict.step is Step.RESOLVE:
            incident = None
            found[-1] = (found[-1][0], minute, found[-1][2])
    return found


def naive(direction: str, hold: int, readings: list[tuple[int, Value]]) -> Spans:
    """Cut the known readings into runs beyond the threshold, and look at each run alone."""
    known = [(minute, value) for minute, value in readings if value is not None]
    up = direction == "above"
    beyond = [value > THRESHOLD if up else value < THRESHOLD for _minute, value in known]
    found: Spans = []
    index = 0
    while index < len(known):
        if not beyond[index]:
            index += 1
            continue
        end = index
        while end < len(known) and beyond[end]:
            end += 1
        late = [place for place in range(index, end) if known[place][0] - known[index][0] >= hold]
        if late:
            values = [known[place][1] for place in range(late[0], end)]
            peak = max(values) if up else min(values)
            found.append((known[late[0]][0], known[end][0] if end < len(known) else None, peak))
        index = end
    return found


@given(sequences, st.sampled_from(["above", "below"]), st.integers(0, 15))
def test_incidents_are_those_of_a_naive_reading(
    steps: list[tuple[int, Value]], direction: str, hold: int
) -> None:
    minute, readings = 0, []
    for gap, value in steps:
        minute += gap
        readings.append((minute, value))
    rule = AlertRule(direction=direction, threshold=Decimal(THRESHOLD), hold_minutes=hold)
    assert judged(rule, readings) == naive(direction, hold, readings)
