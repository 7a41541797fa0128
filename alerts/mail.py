"""The mail about a transition, in its recipient's language and time zone."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Company
from alerts.links import explain_path
from alerts.models import Delivery, Transition, TransitionKind
from alerts.wording import Words, lasting


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """The whole message. Each attempt at one delivery carries the same Message-ID.

    Mail servers that know an ID already drop the second copy.
    """
    company, recipient = Company.current(), delivery.recipient
    zone = ZoneInfo(recipient.time_zone or company.time_zone)
    with translation.override(recipient.language), timezone.override(zone):
        words = Words(company, recipient.language)
        facts = _facts(delivery.transition, words, zone)
        message = EmailMultiAlternatives(
            subject=_subject(delivery.transition, words),
            body=render_to_string("alerts/mail/transition.txt", facts),
            to=[recipient.email],
            headers={
                "Message-ID": message_id(delivery),
                "Auto-Submitted": "auto-generated",
                "Content-Language": recipient.language,
            },
        )
        message.attach_alternative(
            render_to_string("alerts/mail/transition.html", facts), "text/html"
        )
    return message


def message_id(delivery: Delivery) -> str:
    """Unique to the delivery, and the same each time."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    stamp = f"{delivery.transition.at:%Y%m%d%H%M%S}"
    return f"<alert-{stamp}-{delivery.pk}@{domain}>"


def _subject(transition: Transition, words: Words) -> str:
    """On one line, whatever names hold."""
    incident = transition.incident
    named = incident.team or incident.user
    about = f"{named}: " if named else ""
    return " ".join(f"[SalesDash] {about}{words.headline(transition)}".split())


def _facts(transition: Transition, words: Words, zone: ZoneInfo) -> dict[str, object]:
    incident = transition.incident
    at = transition.at
    return {
        "language": words.language,
        "incident": incident,
        "headline": words.headline(transition),
        "recovered": transition.kind == TransitionKind.RESOLVED,
        "figure": words.figure(incident),
        "scope": words.scope(incident),
        "period": words.measured_period(transition.period, at=at),
        "value": words.value(incident, transition.value),
        "distance": words.distance(incident, transition.value),
        "wanted": words.wanted(incident),
        "peak": words.value(incident, incident.peak),
        "lasted": lasting(incident.opened_at, at),
        "new_period": _new_period(transition, words.company),
        "at": _written(at.astimezone(zone), zone, words.language),
        "explain_url": _site(explain_path(incident, transition.period)),
        "incident_url": _site(reverse("alerts:incident", args=[incident.pk])),
        "rule_url": _site(reverse("alerts:rule", args=[incident.rule_id])),
    }


def _new_period(transition: Transition, company: Company) -> bool:
    """Whether the incident was about an earlier quarter, month or the like."""
    measured = company.calendar.parse(transition.period, at=transition.at)
    fired = Transition.objects.filter(incident=transition.incident, kind=TransitionKind.FIRED)
    return measured.grain is not None and not fired.filter(period=transition.period).exists()


def _written(at: datetime, zone: ZoneInfo, language: str) -> str:
    return f"{format_date(at.date(), 'long', locale=language)} {at:%H:%M} ({zone.key})"


def _site(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
