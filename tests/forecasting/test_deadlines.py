"""Deadlines: their windows, who has submitted in time, and how it is said."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Company, User
from accounts.scope import COMPANY, Tree
from forecasting.deadlines import asked_by, duties, window_at
from forecasting.members import Members
from forecasting.models import Deadline, Submission
from periods import Grain, Period
from tests.cast import seoul

if TYPE_CHECKING:
    from tests.cast import Cast

# 2026-03-13 is a Friday.
FRIDAY = seoul(2026, 3, 13, 18)
BEFORE = seoul(2026, 1, 1)


def weekly(**fields: Any) -> Deadline:
    """Fridays at 18:00, for the quarter."""
    return Deadline.objects.create(**{"time": time(18), "since": BEFORE, **fields})


def submitted(user: User, at: datetime, day: datetime = FRIDAY) -> Submission:
    quarter = Period.containing(day.date(), Grain.QUARTER, Company.current().calendar)
    figures = dict.fromkeys(
        ("commit", "best_case", "base_closed", "base_commit", "base_best_case"), Decimal(0)
    )
    return Submission.objects.create(
        user=user, start=quarter.start, end=quarter.end, at=at, **figures
    )


def waiting(at: datetime) -> list[str]:
    today = Company.current().calendar.business_day(at)
    members, tree = Members.of(COMPANY, today), Tree.load()
    (asked,) = asked_by(Deadline.objects.all(), members, tree, at)
    return sorted(user.name for user in asked.waiting)


def duty(user: User, at: datetime) -> Any:
    calendar = Company.current().calendar
    quarter = Period.containing(calendar.business_day(at), Grain.QUARTER, calendar)
    members = Members.of(COMPANY, calendar.business_day(at))
    return duties(members, quarter, Tree.load(), at).get(user.pk)


@pytest.mark.parametrize(
    ("at", "opens", "due", "period"),
    [
        (seoul(2026, 3, 10), seoul(2026, 3, 6, 18), FRIDAY, "2026-Q1"),
        (FRIDAY - timedelta(seconds=1), seoul(2026, 3, 6, 18), FRIDAY, "2026-Q1"),
        (FRIDAY, FRIDAY, seoul(2026, 3, 20, 18), "2026-Q1"),
        (seoul(2026, 3, 28), seoul(2026, 3, 27, 18), seoul(2026, 4, 3, 18), "2026-Q2"),
    ],
)
def test_a_week_s_window(
    cast: Cast, at: datetime, opens: datetime, due: datetime, period: str
) -> None:
    window = window_at(weekly(), at, Company.current().calendar)
    assert (window.opens, window.due, window.period.code) == (opens, due, period)


def test_a_month_s_deadline_falls_on_the_last_day_of_a_shorter_one(cast: Cast) -> None:
    monthly = weekly(every="month", day=31, period="month")
    window = window_at(monthly, seoul(2026, 2, 10), Company.current().calendar)
    assert (window.opens, window.due) == (seoul(2026, 1, 31, 18), seoul(2026, 2, 28, 18))
    assert window.period.code == "2026-02"


@given(
    at=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    every=st.sampled_from(["week", "month"]),
    weekday=st.integers(0, 6),
    day=st.integers(1, 31),
    hour=st.integers(0, 23),
)
def test_windows_follow_each_other_without_gap(
    at: datetime, every: str, weekday: int, day: int, hour: int
) -> None:
    calendar = Company().calendar
    deadline = Deadline(every=every, weekday=weekday, day=day, time=time(hour), period="quarter")
    window = window_at(deadline, at.replace(tzinfo=calendar.zone), calendar)
    assert window.opens <= at.replace(tzinfo=calendar.zone) < window.due
    assert window.before().due == window.opens
    assert window_at(deadline, window.due, calendar).opens == window.due


def test_those_who_sell_and_do_not_lead_are_asked(cast: Cast) -> None:
    weekly()
    assert waiting(seoul(2026, 3, 10)) == ["Bora", "Jiwoo", "Minsu"]
    Deadline.objects.update(asks_leads=True, team=cast.teams["seoul"])
    assert waiting(seoul(2026, 3, 10)) == ["Jiwoo", "Lee", "Minsu", "Rho"]


def test_a_submission_counts_for_the_window_it_was_made_in(cast: Cast) -> None:
    weekly()
    submitted(cast.minsu, FRIDAY)
    submitted(cast.jiwoo, FRIDAY + timedelta(seconds=1))
    submitted(cast.bora, seoul(2026, 3, 9), day=seoul(2026, 4, 1))
    assert waiting(FRIDAY - timedelta(hours=1)) == ["Bora", "Jiwoo", "Minsu"]
    assert waiting(FRIDAY + timedelta(days=1)) == ["Bora", "Minsu"]
    assert duty(cast.minsu, seoul(2026, 3, 14)).missed is None
    assert duty(cast.jiwoo, seoul(2026, 3, 14)).missed is None
    assert duty(cast.bora, seoul(2026, 3, 14)).missed == FRIDAY


def test_how_it_is_said(cast: Cast) -> None:
    weekly()
    submitted(cast.minsu, seoul(2026, 3, 6))
    said = {
        at: duty(cast.minsu, at).in_words(at)
        for at in (seoul(2026, 3, 11, 9), seoul(2026, 3, 12, 9), seoul(2026, 3, 13, 9))
    }
    assert list(said.values()) == ["due in 2 days", "due tomorrow", "due today at 18:00"]
    late = seoul(2026, 3, 15, 9)
    assert duty(cast.minsu, late).in_words(late) == "overdue for 2 days"
    with translation.override("ko"):
        assert duty(cast.minsu, seoul(2026, 3, 11, 9)).in_words(seoul(2026, 3, 11, 9)) == (
            "2일 뒤 마감"
        )


def test_a_new_deadline_has_not_been_missed_before_it_was_set(cast: Cast) -> None:
    weekly(since=seoul(2026, 3, 14))
    assert duty(cast.minsu, seoul(2026, 3, 15)).missed is None


def test_the_grid_and_the_home_say_it_and_the_api_lists_it(cast: Cast) -> None:
    now = timezone.now()
    weekly(weekday=(now + timedelta(days=3)).weekday(), since=now)
    lead, rep = Client(), Client()
    lead.force_login(cast.lee)
    rep.force_login(cast.minsu)
    page = lead.get("/forecast/", {"period": "this-quarter"}).content.decode()
    listed = lead.get("/api/v1/forecast/deadlines/").json()
    (own,) = rep.get("/api/v1/forecast/deadlines/").json()
    assert [[each["name"] for each in one["waiting"]] for one in listed] == [["Jiwoo", "Minsu"]]
    assert [each["name"] for each in own["waiting"]] == ["Minsu"]
    if listed[0]["period"] == Company.current().calendar.parse("this-quarter", at=now).code:
        assert "Not submitted yet · due" in page
        assert page.count("Nudge") >= 2
        assert "due" in rep.get("/").content.decode()


def test_staff_set_deadlines(cast: Cast) -> None:
    staff = Client()
    staff.force_login(cast.sam)
    body = {
        "every": "week",
        "weekday": "4",
        "day": "25",
        "time": "18:00",
        "period": "quarter",
        "remind_hours": "24",
        "is_active": "on",
    }
    assert staff.post("/admin/forecasting/deadline/add/", body).status_code == 302
    assert str(Deadline.objects.get()) == "Every week: Friday 18:00"
