"""Tags that every page's templates share: icons, numbers, instants, the bar's query string."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from babel.dates import format_date, format_datetime, format_timedelta
from django import template
from django.contrib.auth.models import AnonymousUser
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from accounts.models import Company, User
from accounts.roles import Permission, allowed
from accounts.selection import selection
from charts.numbers import Unit, write

register = template.Library()

RELATIVE_DAYS = 7


@register.simple_tag
def icon(name: str, kind: str = "") -> SafeString:
    """`{% icon "bell" %}`: a picture beside words, silent to screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        kind,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def number(
    value: Decimal | int | None, unit: str = "count", currency: str = "", *, short: bool = True
) -> str:
    """`{% number deal.amount "money" currency=deal.currency %}`: in the person's language."""
    return write(
        None if value is None else Decimal(value),
        Unit(unit),
        language=_language(),
        currency=currency or Company.current().currency,
        short=short,
    )


@register.simple_tag(takes_context=True)
def bar(context: dict[str, Any], **changes: str) -> str:
    """`{% url "pipeline:board" %}{% bar %}`: the query string that travels between pages."""
    return selection(context["request"]).query(**changes)


@register.filter
def may(person: User | AnonymousUser, permission: str) -> bool:
    """`{% if request.user|may:"VIEW_REVENUE" %}`; KeyError for what is no permission."""
    return allowed(person, Permission[permission])


@register.filter
def when(value: datetime | date | None) -> str | SafeString:
    """`{{ deal.closed_at|when }}`: relative within a week, absolute beyond, exact on hover."""
    if value is None:
        return "–"
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    exact = value.isoformat()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', exact, _exact(value), _near(value, day)
    )


def _near(value: datetime | date, day: date) -> str:
    today = _today(value)
    if abs((day - today).days) >= RELATIVE_DAYS:
        return str(format_date(day, _pattern(day, today), locale=_language()))
    if isinstance(value, datetime):
        delta = value - timezone.now()
        return _distance(delta, "second")
    if day == today:
        return gettext("today")
    return _distance(day - today, "day")


def _today(value: datetime | date) -> date:
    """Instants are told by the person's own clock; days are the company's business days."""
    if isinstance(value, datetime):
        return timezone.localdate()
    return Company.current().calendar.business_day(timezone.now())


def _distance(delta: timedelta, granularity: Literal["day", "second"]) -> str:
    """In whole units that have passed: six days are six days, not nearly a week."""
    language = _language()
    return str(
        format_timedelta(
            delta, granularity=granularity, threshold=1, add_direction=True, locale=language
        )
    )


def _pattern(day: date, today: date) -> str:
    return "medium" if day.year != today.year else {"ko": "M월 d일", "en": "MMM d"}[_language()]


def _exact(value: datetime | date) -> str:
    if isinstance(value, datetime):
        return str(format_datetime(timezone.localtime(value), "long", locale=_language()))
    return str(format_date(value, "full", locale=_language()))


def _language() -> str:
    return "ko" if (get_language() or "en").startswith("ko") else "en"
