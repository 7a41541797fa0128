"""What an import did, and which rows it could not take."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.bulk import Counts

_PLAIN_NUMBER = re.compile(r"[-+]?[\d.,]+")
_LISTED = 1000
_PRINTED = 20


@dataclass(frozen=True)
class Rejection:
    """One cell (or, without a column, one row) that could not be taken."""

    file: str
    line: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        column = f"{self.column}: " if self.column else ""
        return f"{self.file}, line {self.line}: {column}“{self.value}” — {self.expected}"


@dataclass
class TableReport:
    """One file of one table."""

    table: str
    file: str
    read: int = 0
    rejected: int = 0
    counts: Counts = field(default_factory=Counts)

    def __str__(self) -> str:
        text = _(
            "%(table)s from %(file)s: %(read)s read, %(created)s created, %(updated)s updated, "
            "%(unchanged)s unchanged, %(rejected)s rejected"
        )
        numbers = {
            name: f"{n:,}" if isinstance(n, int) else n for name, n in self.as_json().items()
        }
        return text % numbers

    def as_json(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "file": self.file,
            "read": self.read,
            "created": self.counts.created,
            "updated": self.counts.updated,
            "unchanged": self.counts.unchanged,
            "rejected": self.rejected,
        }


@dataclass
class Report:
    """The whole import. `rejections` holds the first thousand; the file holds every row."""

    rejected_folder: Path
    stamp: str
    tables: list[TableReport] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)
    rejected_files: dict[str, RejectedFile] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        return sum(table.rejected for table in self.tables)

    def note(self, text: str, rows: int) -> None:
        """Something that was dealt with, in so many rows; added up by its text."""
        if rows:
            self.notes[text] += rows

    def reject(
        self,
        table: TableReport,
        header: Sequence[str],
        cells: Sequence[str],
        reasons: Sequence[Rejection],
    ) -> None:
        """Leave out one row, for one or more reasons."""
        table.rejected += 1
        room = max(0, _LISTED - len(self.rejections))
        self.rejections.extend(reasons[:room])
        if table.file not in self.rejected_files:
            self.rejected_files[table.file] = RejectedFile(
                self.rejected_folder / f"{self.stamp}-{_file_name(table.file)}.csv", header
            )
        self.rejected_files[table.file].write(cells, reasons)

    def close(self) -> None:
        """Finish the files of rejected rows."""
        for file in self.rejected_files.values():
            file.close()

    def as_json(self, *, dry_run: bool) -> dict[str, Any]:
        """For scripts; numbers are numbers."""
        return {
            "ok": not self.rejected,
            "changed": not (self.rejected or dry_run),
            "dry_run": dry_run,
            "tables": [table.as_json() for table in self.tables],
            "notes": [{"text": text, "rows": rows} for text, rows in self.notes.items()],
            "rejections": [asdict(rejection) for rejection in self.rejections],
            "rejected_files": [str(file.path) for file in self.rejected_files.values()],
        }

    def lines(self, *, dry_run: bool, seconds: float) -> Iterator[str]:
        """For people."""
        for table in self.tables:
            yield str(table)
        for text, rows in self.notes.items():
            yield ngettext("%(rows)s row: %(text)s", "%(rows)s rows: %(text)s", rows) % {
                "rows": f"{rows:,}",
                "text": text,
            }
        yield from map(str, self.rejections[:_PRINTED])
        if self.rejected > _PRINTED:
            yield _("… and %(rows)s more") % {"rows": f"{self.rejected - _PRINTED:,}"}
        for file in self.rejected_files.values():
            yield _("Rejected rows are in %(path)s") % {"path": file.path}
        yield self._verdict(dry_run=dry_run, seconds=seconds)

    def _verdict(self, *, dry_run: bool, seconds: float) -> str:
        if self.rejected:
            return _("Nothing was changed, since rows were rejected.")
        if dry_run:
            return _("Nothing was changed: this was a dry run.")
        return _("Done in %(seconds).1f seconds.") % {"seconds": seconds}


class RejectedFile:
    """The rows left out, as they were, each with its line and reason; safe to open in Excel."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file: TextIO = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "reason", *map(harmless, header)])

    def write(self, cells: Sequence[str], reasons: Sequence[Rejection]) -> None:
        reason = "; ".join(
            f"{reason.column}: {reason.expected}" if reason.column else reason.expected
            for reason in reasons
        )
        self._writer.writerow([reasons[0].line, harmless(reason), *map(harmless, cells)])

    def close(self) -> None:
        self._file.close()


def _file_name(source: str) -> str:
    """A file's or sheet's name without what file systems dislike."""
    return re.sub(r"[^\w-]+", "-", source.removesuffix(".csv")).strip("-")


def harmless(text: str) -> str:
    """The text, quoted where a spreadsheet would take it for a formula."""
    risky = text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{text}" if risky and not _PLAIN_NUMBER.fullmatch(text) else text
