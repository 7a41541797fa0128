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
    company, recipient, transition = Company.current(), delivery.recipient, delivery.transition
    assert transition is not None
    zone = ZoneInfo(recipient.time_zone or company.time_zone)
    with translation.override(recipient.language), timezone.override(zone):
        words = Words(company, recipient.language)
        facts = _facts(transition, words, zone)
        return message_of(delivery, _subject(transition, words), "transition", facts)


def message_of(
    delivery: Delivery, subject: str, template: str, facts: dict[str, object]
) -> EmailMultiAlternatives:
    """A mail in plain text and HTML, from the templates `alerts/mail/TEMPLATE`."""
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"alerts/mail/{template}.txt", facts),
        to=[delivery.recipient.email],
        headers={
            "Message-ID": message_id(delivery),
            "Auto-Submitted": "auto-generated",
            "Content-Language": delivery.recipient.language,
        },
    )
    message.attach_alternative(render_to_string(f"alerts/mail/{template}.html", facts), "text/html")
    return message


def message_id(delivery: Delivery) -> str:
    """Unique to the delivery, and the same each time."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    stamp = f"{delivery.about.at:%Y%m%d%H%M%S}"
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
        "at": written(at.astimezone(zone), zone, words.language),
        "explain_url": site(explain_path(incident, transition.period)),
        "incident_url": site(reverse("alerts:incident", args=[incident.pk])),
        "rule_url": site(reverse("alerts:rule", args=[incident.rule_id])),
    }


def _new_period(transition: Transition, company: Company) -> bool:
    """Whether the incident was about an earlier quarter, month or the like."""
    measured = company.calendar.parse(transition.period, at=transition.at)
    fired = Transition.objects.filter(incident=transition.incident, kind=TransitionKind.FIRED)
    return measured.grain is not None and not fired.filter(period=transition.period).exists()


def written(at: datetime, zone: ZoneInfo, language: str) -> str:
    """An instant in somebody's time zone and language."""
    return f"{format_date(at.date(), 'long', locale=language)} {at:%H:%M} ({zone.key})"


def site(path: str) -> str:
    """A page's address as it stands in mail."""
    return f"{settings.SITE_URL}{path}"
