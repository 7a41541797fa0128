"""The mail about submitting forecasts, in its recipient's language and time zone."""

from __future__ import annotations

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Company
from alerts.deadlines import everybody, period_of, told_to
from alerts.mail import message_of, site, written
from alerts.models import Delivery, Notice, NoticeKind
from periods.labels import label


def compose_notice(delivery: Delivery) -> EmailMultiAlternatives:
    """The whole message; each attempt at one delivery carries the same Message-ID."""
    recipient, notice = delivery.recipient, delivery.notice
    assert notice is not None
    zone = ZoneInfo(recipient.time_zone or Company.current().time_zone)
    with translation.override(recipient.language), timezone.override(zone):
        facts = _facts(delivery, notice, zone)
        subject = " ".join(f"[SalesDash] {facts['headline']}".split())
        return message_of(delivery, subject, "notice", facts)


def _facts(delivery: Delivery, notice: Notice, zone: ZoneInfo) -> dict[str, object]:
    language = delivery.recipient.language
    period = label(period_of(notice), language)
    is_summary = notice.kind == NoticeKind.SUMMARY
    people = told_to(notice, delivery.recipient, everybody(notice.at)) if is_summary else []
    waiting = [str(user) for user, is_done in people if not is_done]
    return {
        "language": language,
        "headline": _headline(notice, period, len(people) - len(waiting), len(people)),
        "period": period,
        "due": written(notice.due.astimezone(zone), zone, language) if notice.due else "",
        "waiting": waiting,
        "is_summary": is_summary,
        "url": site(f"{reverse('forecasting:forecast')}?{urlencode({'period': notice.period})}"),
    }


def _headline(notice: Notice, period: str, done: int, asked: int) -> str:
    if notice.kind == NoticeKind.SUMMARY:
        said = _("%(period)s: %(done)s of %(asked)s have submitted their forecast")
        return said % {"period": period, "done": done, "asked": asked}
    if notice.kind == NoticeKind.NUDGE:
        said = _("%(person)s asks for your forecast: %(period)s")
        return said % {"person": notice.by, "period": period}
    return _("Your forecast is still to be submitted: %(period)s") % {"period": period}
