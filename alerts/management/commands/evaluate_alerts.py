"""`manage.py evaluate_alerts`: evaluate the rules and send their mail now, without the queue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from alerts.deliver import deliver
from alerts.detect import evaluate
from alerts.wording import Words


class Command(BaseCommand):
    help = "Evaluate all active alert rules, send the mail that is due, and print what was done."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        found = evaluate(at=timezone.now())
        self.stdout.write(f"{found.evaluated} rules evaluated, {found.unknown} without a value.")
        words = Words.here()
        for transition in found.transitions:
            self.stdout.write(f"  {transition.kind}: {words.headline(transition)}")
        mail = deliver(clock=timezone.now)
        self.stdout.write(
            f"Mail: {mail.sent} sent, {mail.postponed} put off, {mail.failed} failed, "
            f"{mail.withheld} withheld."
        )
