"""`manage.py messages --update | --check | --compile`: the Korean translations."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from salesdash import translations


class Command(BaseCommand):
    help = "Bring the translations in line with the sources, check them, or compile them."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--update", action="store_true", help="add new texts, drop old ones")
        what.add_argument("--check", action="store_true", help="fail naming what is missing")
        what.add_argument("--compile", action="store_true", help="write what Django reads")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["update"]:
            translations.update()
        elif options["check"]:
            self._check()
        else:
            translations.compile_all()

    def _check(self) -> None:
        found = translations.complaints()
        if found:
            listed = "\n".join(sorted(found))
            raise CommandError(f"{listed}\n{len(found)} to mend: `make messages`, then translate.")
