"""`manage.py recompute [--since DATE]`: compute stored values anew from the facts."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpis.storage.keeping import fill
from kpis.storage.locking import hold_writers
from kpis.storage.remembering import forget_all


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("Write the date as 2026-01-31.")) from error


class Command(BaseCommand):
    """Prints how many spans were computed, and how many rows were not as they should be."""

    help = "Compute the stored values of months and weeks anew from the facts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_date, metavar="DATE", help="leave out earlier months")

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        with transaction.atomic():
            hold_writers()
            forget_all()
        spans = differed = 0
        for filled in fill(at=now, before=now, since=options["since"]):
            spans += len(filled.spans)
            differed += filled.differed
            self.stdout.write(_("%(count)s to go") % {"count": filled.remaining})
        done = ngettext("%(count)s span computed", "%(count)s spans computed", spans)
        wrong = ngettext("%(count)s row differed", "%(count)s rows differed", differed)
        self.stdout.write(f"{done % {'count': spans}}, {wrong % {'count': differed}}.")
