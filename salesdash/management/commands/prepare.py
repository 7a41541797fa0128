"""`manage.py prepare`: all that must be in place before the site is served, done if it is not."""

import os
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import User
from alerts.demo import add_rules
from pipeline.demo.people import demo_sign_ins
from salesdash import static_files, translations

DEALS = 20_000


class Command(BaseCommand):
    """Says how it goes on stderr, and on stdout how to sign in."""

    help = "Migrate, compile translations, collect static files; --demo fills an empty database."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="load the demo company where there is nobody yet"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        translations.compile_all()
        # Compressing keeps one core busy while the database keeps the other.
        with ThreadPoolExecutor(max_workers=1) as aside:
            collected = aside.submit(static_files.collect)
            call_command("migrate", interactive=False, verbosity=0)
            if options["demo"] and not User.objects.exists():
                self._load_demo()
            collected.result()
        self._say_how_to_sign_in()

    def _load_demo(self) -> None:
        deals = int(os.environ.get("DEMO_DEALS", DEALS))
        self.stderr.write(f"Loading the demo company with {deals:,} deals …")
        self.stderr.flush()
        # What it says at its end is said below, each time.
        call_command("seed_demo", deals=deals, seed=1, stdout=StringIO())
        add_rules(at=timezone.now())

    def _say_how_to_sign_in(self) -> None:
        for person in demo_sign_ins():
            self.stdout.write(f"{person.label:10} {person.email:26} {person.password}")
        if not User.objects.exists():
            self.stdout.write(
                f"Nobody is here yet: add the first person at {settings.SITE_URL}/welcome/"
            )
