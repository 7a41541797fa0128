"""`manage.py learn_forecast`: learn the model forecast and replay past quarters now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from forecasting.actions.replays import replay_period
from forecasting.actions.runs import learn_period
from forecasting.model.schedule import forecast_periods, to_replay


class Command(BaseCommand):
    """What workers do every night, here and at once."""

    help = "Learn the model forecast from the company's history, and score past quarters."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-replays", action="store_true", help="leave out the accuracy of past quarters"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Learn, then replay; a line on stdout for each."""
        now = timezone.now()
        for period in forecast_periods(now):
            run = learn_period(period=period, at=now)
            said = "learned" if run.is_enough else "not enough history"
            self.stdout.write(f"{period.code}: {said} ({run.periods} periods, {run.won} won)")
        for quarter, horizon in () if options["no_replays"] else to_replay(now):
            nodes = replay_period(period=quarter, horizon=horizon, at=now)
            self.stdout.write(f"{quarter.code} {horizon}: {nodes} nodes replayed")
