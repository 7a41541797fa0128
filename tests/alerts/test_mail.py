"""What the mail says, to each in their language and time zone."""

from __future__ import annotations

from email.message import Message
from typing import cast as typed

from django.conf import settings

from alerts.detect import evaluate
from alerts.mail import compose
from alerts.models import Delivery, Incident
from pipeline.models import Deal
from tests.alerts.rules import NOW, make_rule
from tests.cast import Cast, make_deal, seoul


def mails() -> list[Message]:
    return [compose(delivery).message() for delivery in Delivery.objects.order_by("pk")]


def subject(mail: Message) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(str(mail["Subject"])))).strip()


def text(mail: Message, kind: str = "text/plain") -> str:
    (part,) = [each for each in mail.walk() if each.get_content_type() == kind]
    return typed("bytes", part.get_payload(decode=True)).decode()


def win(cast: Cast, amount: int) -> Deal:
    return make_deal(cast, cast.minsu, cast.won, amount=amount, closed_at=seoul(2026, 2, 1))


def test_each_reads_it_in_their_language_and_time_zone(cast: Cast) -> None:
    cast.finn.language, cast.finn.time_zone = "ko", "America/New_York"
    cast.finn.save()
    win(cast, 980_000_000)
    make_rule(cast, threshold=10**9, recipients=[cast.eunji, cast.finn])
    evaluate(at=NOW)

    english, korean = sorted(mails(), key=lambda mail: str(mail["To"]))

    assert subject(english) == "[SalesDash] Won revenue fell below its threshold — ₩980M < ₩1B"
    assert subject(korean) == "[SalesDash] 수주 금액이 기준 아래로 내려갔어요 — 9.8억 < 10억"
    assert "March 16, 2026 12:00 (Asia/Seoul)" in text(english)
    assert "2026년 3월 15일 23:00 (America/New_York)" in text(korean)
    assert 'lang="ko"' in text(korean, "text/html")


def test_it_leads_to_the_figure_the_incident_and_the_rule(cast: Cast) -> None:
    rule = make_rule(cast, scope="team:seoul-1", by=cast.lee)
    evaluate(at=NOW)
    (mail,) = mails()
    body = text(mail)
    assert subject(mail).startswith("[SalesDash] Seoul-1: Won revenue fell below")
    query = "scope=team%3Aseoul-1&period=2026-Q1"
    assert f"{settings.SITE_URL}/explain/won_revenue/?{query}" in body
    assert f"{settings.SITE_URL}/alerts/incidents/{Incident.objects.get(rule=rule).pk}/" in body
    assert f"{settings.SITE_URL}/alerts/rules/{rule.pk}/" in body


def test_figures_that_would_look_alike_are_written_out(cast: Cast) -> None:
    win(cast, 999_999_999)
    make_rule(cast, threshold=10**9)
    evaluate(at=NOW)
    assert subject(mails()[0]).endswith("₩999,999,999 < ₩1,000,000,000")


def test_recovery_says_for_how_long_and_how_far(cast: Cast) -> None:
    make_rule(cast)
    evaluate(at=NOW)
    win(cast, 12_000_000)
    evaluate(at=seoul(2026, 3, 16, 15))
    body = text(mails()[1])
    assert "It had lain beyond the threshold for 3 hours, at most at ₩0." in body
    assert "A new period" not in body


def test_a_recovery_by_the_calendar_says_so(cast: Cast) -> None:
    win(cast, 12_000_000)
    make_rule(cast, direction="above")
    evaluate(at=NOW)
    evaluate(at=seoul(2026, 4, 1))
    body = text(mails()[1])
    assert "A new period has begun" in body
    assert "Period: Q2 2026" in body


def test_a_line_break_in_a_name_stays_out_of_the_subject(cast: Cast) -> None:
    cast.minsu.name = "Min\r\nBcc: everyone@example.com"
    cast.minsu.save()
    make_rule(cast, scope=f"user:{cast.minsu.pk}")
    evaluate(at=NOW)
    (mail,) = mails()
    assert "\n" not in subject(mail)
    assert mail["Bcc"] is None
