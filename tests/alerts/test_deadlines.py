"""Reminders, summaries and nudges: each recorded once, sent once, to who is still to be told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from accounts.models import Company
from alerts.deadlines import nudge, remind
from alerts.deliver import Report, deliver
from alerts.models import Delivery, DeliveryState, Notice, NoticeKind
from forecasting.models import Deadline
from periods import Period
from tests.alerts.conftest import Moody
from tests.cast import Cast, seoul
from tests.forecasting.test_deadlines import FRIDAY, submitted, weekly

DAY_BEFORE = FRIDAY - timedelta(hours=24)


def send(at: datetime) -> Report:
    return deliver(clock=lambda: at)


def told(kind: NoticeKind) -> list[str]:
    rows = Delivery.objects.filter(notice__kind=kind).order_by("recipient__name")
    return list(rows.values_list("recipient__name", flat=True))


def subjects(mail: Moody) -> dict[str, str]:
    return {
        str(each["To"]): str(make_header(decode_header(str(each["Subject"])))).strip()
        for each in mail.messages
    }


def body(message: Any) -> str:
    part = next(each for each in message.walk() if each.get_content_type() == "text/plain")
    text: bytes = part.get_payload(decode=True)
    return text.decode()


def quarter(at: datetime = FRIDAY) -> Period:
    return Company.current().calendar.parse("2026-Q1", at=at)


def test_who_has_not_submitted_is_reminded_once(cast: Cast, mail: Moody) -> None:
    weekly()
    cast.jiwoo.language = "ko"
    cast.jiwoo.save()
    submitted(cast.minsu, seoul(2026, 3, 10))
    assert remind(at=DAY_BEFORE - timedelta(minutes=1)) == []
    assert len(remind(at=DAY_BEFORE)) == 1
    assert remind(at=DAY_BEFORE + timedelta(minutes=1)) == []
    assert told(NoticeKind.REMINDER) == ["Bora", "Jiwoo"]
    assert send(DAY_BEFORE).sent == 2
    assert send(DAY_BEFORE + timedelta(minutes=1)) == Report()
    assert subjects(mail) == {
        "bora@example.com": "[SalesDash] Your forecast is still to be submitted: Q1 2026",
        "jiwoo@example.com": "[SalesDash] 예측을 아직 제출하지 않았어요: 2026년 1분기",
    }
    english = next(each for each in mail.messages if each["To"] == "bora@example.com")
    assert "March 13, 2026 18:00 (Asia/Seoul)" in body(english)
    assert "/forecast/?period=2026-Q1" in body(english)


def test_who_submits_before_the_mail_goes_gets_none(cast: Cast, mail: Moody) -> None:
    weekly()
    remind(at=DAY_BEFORE)
    submitted(cast.bora, DAY_BEFORE + timedelta(minutes=5))
    assert send(DAY_BEFORE + timedelta(minutes=10)) == Report(sent=2, withheld=1)
    assert send(FRIDAY + timedelta(minutes=10)) == Report()


def test_leads_are_told_at_the_deadline_who_is_missing(cast: Cast, mail: Moody) -> None:
    weekly()
    submitted(cast.minsu, seoul(2026, 3, 10))
    submitted(cast.bora, seoul(2026, 3, 10))
    remind(at=FRIDAY)
    remind(at=FRIDAY + timedelta(minutes=1))
    assert told(NoticeKind.SUMMARY) == ["Lee", "Park", "Rho"]
    submitted(cast.jiwoo, FRIDAY + timedelta(minutes=2))
    assert send(FRIDAY + timedelta(minutes=3)).sent == 3
    said = subjects(mail)
    assert said["lee@example.com"] == ("[SalesDash] Q1 2026: 1 of 2 have submitted their forecast")
    assert said["park@example.com"] == ("[SalesDash] Q1 2026: 1 of 1 have submitted their forecast")
    of_lee = next(each for each in mail.messages if each["To"] == "lee@example.com")
    assert "- Jiwoo" in body(of_lee)
    assert "Minsu" not in body(of_lee)


def test_a_deadline_that_nobody_watched_for_long_is_told_no_more(cast: Cast) -> None:
    weekly()
    assert remind(at=FRIDAY + timedelta(hours=13)) == []
    Deadline.objects.update(since=FRIDAY + timedelta(minutes=1))
    assert remind(at=FRIDAY + timedelta(hours=1)) == []


def test_a_mail_server_that_fails_doubles_nothing(cast: Cast, mail: Moody) -> None:
    weekly()
    remind(at=DAY_BEFORE)
    mail.data["*"] = "451 later"
    assert send(DAY_BEFORE) == Report(postponed=1)
    mail.data.clear()
    later = DAY_BEFORE + timedelta(minutes=5)
    assert send(later).sent == 3
    assert sorted(subjects(mail)) == ["bora@example.com", "jiwoo@example.com", "minsu@example.com"]
    assert len(mail.messages) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}


@pytest.mark.django_db(transaction=True)
def test_of_several_who_look_at_once_one_records_it(cast: Cast) -> None:
    weekly()
    start = Barrier(4)

    def look(_worker: int) -> int:
        try:
            start.wait()
            return len(remind(at=DAY_BEFORE))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        recorded = list(pool.map(look, range(4)))
    assert sum(recorded) == 1
    assert Delivery.objects.count() == 3


def test_a_lead_nudges_once_a_day_those_who_are_still_to_submit(cast: Cast, mail: Moody) -> None:
    at = seoul(2026, 3, 10, 9)
    nudge(by=cast.lee, person=cast.minsu, period=quarter(), at=at)
    assert send(at).sent == 1
    assert subjects(mail) == {
        "minsu@example.com": "[SalesDash] Lee asks for your forecast: Q1 2026"
    }
    with pytest.raises(ValidationError, match="today already"):
        nudge(by=cast.lee, person=cast.minsu, period=quarter(), at=at + timedelta(hours=2))
    nudge(by=cast.rho, person=cast.minsu, period=quarter(), at=at)
    nudge(by=cast.lee, person=cast.minsu, period=quarter(), at=at + timedelta(days=1))
    submitted(cast.minsu, at + timedelta(days=1))
    with pytest.raises(ValidationError, match="left to submit"):
        nudge(by=cast.lee, person=cast.minsu, period=quarter(), at=at + timedelta(days=2))
    assert send(at + timedelta(days=2)) == Report(withheld=2)


def test_nobody_nudges_others_people_or_themselves(cast: Cast) -> None:
    at = seoul(2026, 3, 10, 9)
    for by, person in ((cast.park, cast.minsu), (cast.minsu, cast.jiwoo), (cast.lee, cast.lee)):
        with pytest.raises(PermissionDenied):
            nudge(by=by, person=person, period=quarter(), at=at)


def test_the_button_and_the_api(cast: Cast) -> None:
    lead = Client()
    lead.force_login(cast.lee)
    sent = {"user": cast.minsu.pk, "period": "this-quarter"}
    assert "Nudged" in lead.post("/alerts/nudge/", sent).content.decode()
    assert "today already" in lead.post("/alerts/nudge/", sent).content.decode()
    other = {**sent, "user": cast.jiwoo.pk}
    url = "/api/v1/forecast/nudges/"
    made = lead.post(url, other, content_type="application/json")
    again = lead.post(url, other, content_type="application/json")
    foreign = lead.post(url, {**sent, "user": cast.bora.pk}, content_type="application/json")
    assert [made.status_code, again.status_code, foreign.status_code] == [201, 400, 400]
    assert Notice.objects.count() == 2
