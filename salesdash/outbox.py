"""The mails that were written to files because no mail server is set, for staff to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.roles import Permission, require

SHOWN = 50
# Django writes this line after each message of a file.
END = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class Mail:
    """One message as its reader would see it."""

    to: str
    subject: str
    at: datetime
    text: str

    @classmethod
    def read(cls, text: bytes) -> Mail:
        message = message_from_bytes(text, policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(preferencelist=("plain", "html"))
        return cls(
            to=str(message["To"]),
            subject=str(message["Subject"]),
            at=parsedate_to_datetime(str(message["Date"])),
            text=body.get_content() if body else "",
        )


def mails(directory: Path) -> Iterator[Mail]:
    """The latest messages, newest first."""
    files = sorted(directory.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files[:SHOWN]:
        messages = file.read_bytes().split(END)
        yield from (Mail.read(message) for message in reversed(messages) if message.strip())


def outbox(request: HttpRequest) -> HttpResponse:
    """The page; there is none where a mail server is set."""
    require(request.user, Permission.EDIT_SETTINGS)
    if settings.EMAIL_URL:
        raise Http404
    return render(request, "outbox.html", {"mails": list(mails(settings.OUTBOX))})
