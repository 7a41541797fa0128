"""`manage.py restore FILE`: a backup into an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from salesdash import dumps


class Command(BaseCommand):
    help = "Read a file that `backup` wrote into an empty database, and bring it up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            dumps.restore(options["file"])
        except dumps.DumpError as error:
            raise CommandError(str(error)) from error
        # The backup may be of an older version of SalesDash.
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"Restored from {options['file']}.")
