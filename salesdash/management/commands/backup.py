"""`manage.py backup FILE`: the whole database in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from salesdash import dumps


class Command(BaseCommand):
    help = "Write the whole database, as of now, to a new file. The site may keep running."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            dumps.dump(options["file"])
        except dumps.DumpError as error:
            raise CommandError(str(error)) from error
        size = options["file"].stat().st_size / 1_000_000
        self.stdout.write(f"Written: {options['file']} ({size:.1f} MB)")
