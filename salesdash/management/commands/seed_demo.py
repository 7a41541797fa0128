"""`manage.py seed_demo`: an invented company to look at and to measure with."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Company
from forecasting.demo.calls import add_calls
from periods import Calendar
from pipeline.demo.people import demo_sign_ins
from pipeline.demo.plan import DEFAULT_DEALS, Plan
from pipeline.demo.seeding import NotEmpty, seed

FEWEST, MOST = 20, 5_000_000


class Command(BaseCommand):
    help = (
        "Write a demo company: three years of deals, leads, contracts, costs and targets, and "
        "what its people forecast."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--deals", type=int, default=DEFAULT_DEALS, help="how many deals (%(default)s)"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="the same number gives the same company"
        )
        parser.add_argument(
            "--until",
            type=date.fromisoformat,
            help="the last day of the history, such as 2026-11-20 (default: now)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write it, and say on stdout who may sign in."""
        deals, seed_number = options["deals"], options["seed"]
        if not FEWEST <= deals <= MOST:
            raise CommandError(f"--deals must be from {FEWEST:,} to {MOST:,}.")
        if seed_number < 0:
            raise CommandError("--seed must not be negative.")
        began = time.monotonic()
        calendar = Company.current().calendar
        plan = Plan(deals, seed_number, _until(options["until"], calendar), calendar)
        try:
            seed(plan, say=self._say)
        except NotEmpty as refusal:
            raise CommandError(str(refusal)) from refusal
        add_calls(plan, say=self._say)
        self._say(f"Done in {time.monotonic() - began:.0f} s.")
        for person in demo_sign_ins():
            self.stdout.write(f"{person.label}: {person.email} {person.password}")

    def _say(self, line: str) -> None:
        self.stderr.write(line)


def _until(day: date | None, calendar: Calendar) -> datetime:
    """The end of a day's business, else now."""
    if day is None:
        return timezone.now()
    return calendar.start_of(day + timedelta(days=1)) - timedelta(seconds=1)
