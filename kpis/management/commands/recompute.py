"""`manage.py recompute [--since DATE] [--resume]`: compute stored values anew from the facts."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpis.actions.recomputations import (
    resume_recomputation,
    start_recomputation,
    stop_recomputation,
)
from kpis.models import Recomputation, State
from kpis.storage.recomputing import take_step

WAIT_SECONDS = 0.5
WIDTH = 30


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("Write the date as 2026-01-31.")) from error


class Command(BaseCommand):
    """Shows how far it is, then how many spans were computed and how many rows differed.

    Workers may take steps as well. Ctrl-C stops it; `--resume` goes on where it was stopped.
    """

    help = "Compute the stored values of months and weeks anew from the facts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_date, metavar="DATE", help="leave out earlier months")
        parser.add_argument("--resume", action="store_true", help="go on with the last one")

    def handle(self, **options: Any) -> None:
        begun = self._begin(**options)
        try:
            self._follow(begun)
        except KeyboardInterrupt:
            stop_recomputation(by=None, at=timezone.now())
            raise CommandError(_("Stopped. Go on with: manage.py recompute --resume")) from None
        self._conclude(begun)

    def _begin(self, *, since: date | None, resume: bool, **_options: Any) -> Recomputation:
        try:
            if resume:
                return resume_recomputation(by=None)
            return start_recomputation(by=None, at=timezone.now(), since=since)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _follow(self, begun: Recomputation) -> None:
        """Take steps until all are done; wait for those that others took."""
        while _as_it_stands(begun).state == State.RUNNING:
            if not take_step(at=timezone.now()):
                time.sleep(WAIT_SECONDS)
            self._show(begun)
        self.stderr.write("")

    def _show(self, begun: Recomputation) -> None:
        told: Any = _as_it_stands(begun)
        full = WIDTH * told.spans_done // max(told.spans, 1)
        bar = "█" * full + "░" * (WIDTH - full)
        self.stderr.write(f"\r{bar} {told.spans_done}/{told.spans}", ending="")
        self.stderr.flush()

    def _conclude(self, begun: Recomputation) -> None:
        told: Any = _as_it_stands(begun)
        if told.state == State.STOPPED:
            raise CommandError(told.problem or _("Somebody stopped it."))
        spans, rows = told.spans_done, told.rows_differed
        done = ngettext("%(count)s span computed", "%(count)s spans computed", spans)
        wrong = ngettext("%(count)s row differed", "%(count)s rows differed", rows)
        self.stdout.write(f"{done % {'count': spans}}, {wrong % {'count': rows}}.")


def _as_it_stands(begun: Recomputation) -> Recomputation:
    return Recomputation.objects.for_listing().get(pk=begun.pk)
