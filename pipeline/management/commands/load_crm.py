"""Load another system's export: `manage.py load_crm PATH --preset maven`."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models.company import currency_code
from pipeline.actions.closed import because
from pipeline.importers.errors import ImportRefused
from pipeline.importers.loading import load
from pipeline.importers.mapping import PRESETS, ImportMapping, read_mapping
from pipeline.importers.report import Report

_GENERIC = "generic"


class Command(BaseCommand):
    help = "Load a file or folder of CSV or Excel exports: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        presets = [*sorted(path.stem for path in PRESETS.glob("*.toml")), _GENERIC]
        parser.add_argument("path", type=Path, help="a file, or a folder of files")
        parser.add_argument("--preset", choices=presets, required=True)
        parser.add_argument("--mapping", type=Path, help="a TOML file, for the generic preset")
        parser.add_argument("--currency", default="", help="of amounts that name none")
        parser.add_argument("--dry-run", action="store_true", help="try it and change nothing")
        parser.add_argument("--reason", default="", help="why it may move a closed period")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        started = timezone.now()
        report = Report(
            rejected_folder=settings.DATA_DIR / "rejected", stamp=f"{started:%Y%m%d-%H%M%S}"
        )
        progress = _Progress(quiet=options["json"] or options["verbosity"] == 0)
        try:
            with because(options["reason"]):
                load(
                    options["path"],
                    _mapping(options["preset"], options["mapping"]),
                    report,
                    currency=_currency(options["currency"]),
                    dry_run=options["dry_run"],
                    progress=progress,
                )
        except ImportRefused as error:
            progress.end()
            if options["json"]:
                self.stdout.write(json.dumps({"ok": False, "changed": False, "error": str(error)}))
            raise CommandError(str(error)) from error
        progress.end()
        seconds = (timezone.now() - started).total_seconds()
        self._print(report, dry_run=options["dry_run"], seconds=seconds, as_json=options["json"])
        if report.rejected:
            sys.exit(1)

    def _print(self, report: Report, *, dry_run: bool, seconds: float, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json(dry_run=dry_run), ensure_ascii=False))
            return
        for line in report.lines(dry_run=dry_run, seconds=seconds):
            self.stdout.write(line)


def _mapping(preset: str, path: Path | None) -> ImportMapping:
    if preset != _GENERIC:
        if path:
            raise ImportRefused(_("Only the generic preset takes a mapping."))
        return read_mapping(PRESETS / f"{preset}.toml")
    if path is None:
        raise ImportRefused(_("The generic preset needs a mapping: --mapping FILE.toml"))
    return read_mapping(path)


def _currency(text: str) -> str:
    try:
        if text:
            currency_code(text)
    except ValidationError as error:
        raise ImportRefused(f"--currency: {'; '.join(error.messages)}") from error
    return text


class _Progress:
    """Rows read so far, on the terminal's last line, or a line for every table elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._last = ("", 0)
        self._shown = 0.0

    def __call__(self, table: str, rows: int) -> None:
        if self._quiet:
            return
        if table != self._last[0]:
            self.end()
        self._last = (table, rows)
        now = time.monotonic()
        if self._live and now - self._shown > 0.1:
            sys.stderr.write(f"\r{table}: {rows:,}")
            self._shown = now

    def end(self) -> None:
        """Leave the table's last figure standing."""
        table, rows = self._last
        if table:
            sys.stderr.write(f"{chr(13) if self._live else ''}{table}: {rows:,}\n")
            self._last = ("", 0)
