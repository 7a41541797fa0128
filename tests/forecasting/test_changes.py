"""What changed in a forecast, its deals and what was said, on the page and over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from forecasting.models import Adjustment, Submission
from history import as_recorded_at
from pipeline.models import Deal
from tests.cast import Cast, make_deal, seoul

if TYPE_CHECKING:
    from django.test import Client

LAST_WEEK, BEGIN = seoul(2026, 3, 9, 12), seoul(2026, 1, 5)
IN, OUT = date(2026, 3, 25), date(2026, 4, 20)
ASKED = {"period": "2026-Q1", "as_of": "2026-03-13", "start": "2026-03-06"}
ADDRESS = "/forecast/changes/?period=2026-Q1&as_of=2026-03-13"


def submit(cast: Cast, person: User, at: datetime, commit: int, best_case: int, note: str) -> None:
    """What a person of seoul-1 called the first quarter."""
    Submission.objects.create(
        user=person,
        team=cast.teams["seoul-1"],
        start=date(2026, 1, 1),
        end=date(2026, 4, 1),
        at=at,
        commit=commit,
        best_case=best_case,
        note=note,
        base_closed=0,
        base_commit=5,
        base_best_case=6,
    )


@pytest.fixture
def week(cast: Cast) -> Cast:
    """In the week: minsu's deal slips, jiwoo's is won, bora's is new; minsu submits again, and
    lee adjusts that twice."""
    with as_recorded_at(BEGIN):
        slipping = make_deal(
            cast, cast.minsu, 4, name="Slipping", amount=100, expected_close=IN, created_at=BEGIN
        )
        won = make_deal(
            cast, cast.jiwoo, 4, name="Winning", amount=300, expected_close=IN, created_at=BEGIN
        )
    with as_recorded_at(LAST_WEEK):
        Deal.objects.filter(pk=slipping.pk).update(expected_close=OUT)
        Deal.objects.filter(pk=won.pk).update(
            stage=cast.won, outcome="won", closed_at=LAST_WEEK, amount=250
        )
        make_deal(
            cast, cast.bora, 2, name="Fresh", amount=40, expected_close=IN, created_at=LAST_WEEK
        )
    submit(cast, cast.minsu, seoul(2026, 3, 2), 10, 20, "before")
    submit(cast, cast.minsu, LAST_WEEK, 30, 20 + 10, "bigger")
    for number, value in ((1, 25), (2, None)):
        Adjustment.objects.create(
            team=cast.teams["seoul-1"],
            user=cast.minsu,
            start=date(2026, 1, 1),
            end=date(2026, 4, 1),
            column="commit",
            number=number,
            value=value,
            base=30,
            reason=f"reason {number}",
            author=cast.lee,
            at=seoul(2026, 3, 10, 12 + number),
        )
    return cast


def get(user: User, path: str = "", **parameters: Any) -> Any:
    api = APIClient()
    api.force_authenticate(user)
    return api.get(f"/api/v1/forecast/changes/{path}", {**ASKED, **parameters})


def test_the_changes_add_up_to_end_less_start(week: Cast) -> None:
    found = get(week.eunji).json()
    changes = {(row["kind"], row["name"]): row["contribution"] for row in found["results"]}
    assert (found["start"], found["end"]) == ("400", "40")
    assert changes == {
        ("won", "Winning"): "-250",
        ("slipped", "Slipping"): "-100",
        ("shrunk", "Winning"): "-50",
        ("new", "Fresh"): "40",
    }
    assert sum(int(value) for value in changes.values()) == 40 - 400
    assert [(kind["key"], kind["changes"]) for kind in found["kinds"]] == [
        ("won", 1),
        ("new", 1),
        ("slipped", 1),
        ("shrunk", 1),
    ]
    (slipped,) = (row for row in found["results"] if row["kind"] == "slipped")
    assert (slipped["pushes"], slipped["due_before"], slipped["due_after"]) == (
        1,
        IN.isoformat(),
        OUT.isoformat(),
    )


def test_a_kind_alone_a_page_and_a_file(week: Cast) -> None:
    found = get(week.eunji, page_size=1, kind="slipped").json()
    assert [row["name"] for row in found["results"]] == ["Slipping"]
    first = get(week.eunji, page_size=3).json()
    assert "offset=3" in first["next"]
    text = b"".join(get(week.eunji, format="csv")).decode("utf-8-sig")
    assert len(text.splitlines()) == 5


def test_what_was_said_names_who_from_what_to_what_and_why(week: Cast) -> None:
    found = get(week.eunji, "calls/").json()["results"]
    told = [
        (
            row["author_name"],
            row["whose"],
            row["why"],
            [(each["before"], each["after"]) for each in row["moved"]],
        )
        for row in found
    ]
    assert told == [
        ("Lee", "Minsu", "reason 2", [("25", "30")]),
        ("Lee", "Minsu", "reason 1", [("30", "25")]),
        ("Minsu", "Minsu", "bigger", [("10", "30"), ("20", "30")]),
    ]
    text = b"".join(get(week.eunji, "calls/", format="csv")).decode("utf-8-sig")
    assert len(text.splitlines()) == 5


def test_the_first_word_replaces_what_the_system_had(week: Cast) -> None:
    found = get(week.eunji, "calls/", start="2026-02-27", end="2026-03-04").json()["results"]
    assert [[each["before"] for each in row["moved"]] for row in found] == [["5", "6"]]


def test_everybody_sees_their_own_part(week: Cast) -> None:
    assert get(week.lee, scope="team:busan-1").status_code == 403
    assert {row["name"] for row in get(week.park).json()["results"]} == {"Fresh"}
    assert get(week.park, "calls/").json()["results"] == []
    assert get(week.jiwoo, "calls/").json()["results"] == []


@pytest.mark.parametrize(
    ("name", "value"), [("kind", "gone"), ("start", "2026-12-01"), ("nonsense", "1")]
)
def test_a_wrong_parameter_is_named(week: Cast, name: str, value: str) -> None:
    answer = get(week.eunji, **{name: value})
    assert answer.status_code == 400
    assert name in answer.json()["errors"]


def opened(client: Client, viewer: User, address: str) -> str:
    client.force_login(viewer)
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_the_page_tells_of_the_last_week_unless_asked_otherwise(client: Client, week: Cast) -> None:
    page = opened(client, week.lee, ADDRESS)
    assert "The pipeline fell by ₩400" in page
    assert "put off once" in page
    assert "Mar 25, 2026 → Apr 20, 2026" in page
    assert "Commit forecast ₩30 → ₩25" in page
    assert "reason 1" in page
    assert "Fresh" not in page


def test_one_kind_alone_and_another_start(client: Client, week: Cast) -> None:
    lost = opened(client, week.lee, f"{ADDRESS}&kind=slipped")
    assert "Slipping" in lost
    assert "₩300 → ₩250" not in lost
    later = opened(client, week.lee, f"{ADDRESS}&start=2026-03-10")
    assert "Nothing happened to the deals" in later


def test_other_pages_say_it_in_a_line(client: Client, week: Cast) -> None:
    words = opened(client, week.lee, "/forecast/changes/line/?period=2026-Q1&as_of=2026-03-13")
    assert "Since last week: open pipeline −₩400 · Won ₩250 · Slipped ₩100" in words
    grid = opened(client, week.lee, "/forecast/?period=2026-Q1&as_of=2026-03-13")
    assert "/forecast/changes/line/?scope=team%3Aseoul-1&amp;period=2026-Q1&amp;as_of=" in grid


def test_however_many_changes_the_queries_stay_the_same(client: Client, week: Cast) -> None:
    opened(client, week.eunji, ADDRESS)
    few = _queries(client, week)
    with as_recorded_at(LAST_WEEK):
        for number in range(12):
            make_deal(
                week,
                week.bora,
                2,
                name=f"Deal {number}",
                amount=number,
                expected_close=IN,
                created_at=LAST_WEEK,
            )
    for number in range(5):
        submit(week, week.minsu, seoul(2026, 3, 11, number), 30 + number, 40, "again")
    assert _queries(client, week) == few


def _queries(client: Client, week: Cast) -> int:
    with CaptureQueriesContext(connection) as queries:
        opened(client, week.eunji, ADDRESS)
    return len(queries)
