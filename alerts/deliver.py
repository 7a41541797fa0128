"""Deliver: sends what detect recorded, each mail by whoever claims it first.

A claim is a lease, written and committed before the mail goes: two senders never hold one mail, and
that of a sender who died falls due again when the lease ends. Sending and marking cannot be one
step. A sender who dies after the mail server said yes and before the mark is committed, which are
a few milliseconds, leaves a mail that is sent again; both carry the same Message-ID, by which mail
servers drop the second. The other order would lose mail instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.conf import settings
from django.db import transaction

from alerts.deadlines import still_wanted
from alerts.entitlement import entitled
from alerts.mail import compose
from alerts.models import Delivery, DeliveryState, Notice
from alerts.notice_mail import compose_notice

LEASE = timedelta(seconds=4 * settings.EMAIL_TIMEOUT)
"""Longer than any sending lasts: connecting, the talk and the message each time out before."""
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
PERMANENT = 500

log = structlog.stdlib.get_logger(__name__)
Clock = Callable[[], datetime]


class NotDelivered(Exception):
    """The mail server did not take the mail; `permanent` if it never will."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass
class Report:
    """How many mails were sent, put off, given up, and withheld.

    One put off ends the run: the server is likely to fail the others too, each after a time-out.
    """

    sent: int = 0
    postponed: int = 0
    failed: int = 0
    withheld: int = 0


def deliver(*, clock: Clock) -> Report:
    """Send what is due, until the mail server fails. `clock` is asked anew for each mail."""
    report = Report()
    while not report.postponed and (delivery := _claim(at=clock())) is not None:
        _handle(delivery, report, clock)
    return report


@transaction.atomic
def _claim(*, at: datetime) -> Delivery | None:
    """Lease the most patient mail that nobody else is claiming."""
    due = Delivery.objects.due(at).select_for_update(skip_locked=True, of=("self",))
    delivery = due.first()
    if delivery is None:
        return None
    delivery.state, delivery.next_attempt_at = DeliveryState.SENDING, at + LEASE
    delivery.attempts += 1
    delivery.save(update_fields=["state", "next_attempt_at", "attempts"])
    return delivery


def _handle(delivery: Delivery, report: Report, clock: Clock) -> None:
    if not _may_still_see(delivery, at=clock()):
        _mark(delivery, DeliveryState.WITHHELD)
        report.withheld += 1
        return
    try:
        _send(delivery)
    except NotDelivered as error:
        _put_off(delivery, error, report, at=clock())
    else:
        _mark(delivery, DeliveryState.SENT, sent_at=clock(), last_error="")
        report.sent += 1


def _may_still_see(delivery: Delivery, *, at: datetime) -> bool:
    about = delivery.about
    if isinstance(about, Notice):
        return still_wanted(about, delivery.recipient, at=at)
    people = entitled(about.incident, at=at)
    return people.filter(pk=delivery.recipient_id).exists()


def _send(delivery: Delivery) -> None:
    message = (compose if delivery.notice is None else compose_notice)(delivery)
    try:
        message.send()
    except (SMTPException, OSError) as error:
        raise NotDelivered(_words_of(error), permanent=_is_permanent(error)) from error


def _is_permanent(error: Exception) -> bool:
    """Whether the server refuses this very mail; what an operator can mend is tried again."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _words in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= PERMANENT


def _words_of(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        return "; ".join(_answer(*answer) for answer in error.recipients.values())
    if isinstance(error, SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"


def _answer(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"


def _put_off(delivery: Delivery, error: NotDelivered, report: Report, *, at: datetime) -> None:
    """Try again later and ever later, or give up on what never will be taken."""
    log.warning("alert mail not delivered", delivery=delivery.pk, error=str(error))
    if error.permanent or at - delivery.about.at > GIVE_UP_AFTER:
        _mark(delivery, DeliveryState.FAILED, last_error=str(error))
        report.failed += 1
        return
    wait = min(FIRST_WAIT * 2 ** min(delivery.attempts - 1, 20), LONGEST_WAIT)
    _mark(delivery, DeliveryState.PENDING, last_error=str(error), next_attempt_at=at + wait)
    report.postponed += 1


def _mark(delivery: Delivery, state: DeliveryState, **columns: object) -> None:
    """Only while the lease is ours: after it, another sender's word counts."""
    ours = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts
    )
    ours.update(state=state, **columns)
