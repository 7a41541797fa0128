"""CSV and Excel files as rows of text, each with its line number."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from pipeline.importers.errors import ImportRefused
from pipeline.importers.mapping import TableMapping

_EXCEL = {".xlsx", ".xls", ".xlsb", ".ods"}
_TEXT = {".csv", ".tsv", ".txt"}
_DELIMITERS = ",;\t|"
_BLOCK = 1 << 20


class BrokenRow(Exception):
    """A line that cannot be split into the header's cells."""

    def __init__(self, line: int, expected: str, cells: Sequence[str] = ()) -> None:
        super().__init__(expected)
        self.line = line
        self.expected = expected
        self.cells = list(cells)


Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Source:
    """One sheet or file: its name for messages, its header, and how to read its rows."""

    path: Path
    sheet: str = ""
    delimiter: str = ""
    encoding: str = ""

    @property
    def name(self) -> str:
        return f"{self.path.name} ({self.sheet})" if self.sheet else self.path.name

    def header(self) -> list[str]:
        """The first row, stripped. ImportRefused if there is none, or a name comes twice."""
        for _line, cells in self._records():
            if isinstance(cells, BrokenRow):
                raise ImportRefused(f"{self.name}: {cells.expected}")
            names = [cell.strip() for cell in cells]
            twice = sorted({name for name in names if name and names.count(name) > 1})
            if twice:
                raise ImportRefused(
                    _("%(file)s has the column “%(name)s” twice.")
                    % {"file": self.name, "name": twice[0]}
                )
            return names
        raise ImportRefused(_("%(file)s is empty.") % {"file": self.name})

    def rows(self) -> Iterator[tuple[int, list[str] | BrokenRow]]:
        """Every row below the header that holds anything, with its line number."""
        records = self._records()
        _line, header = next(records)
        width = len(header) if isinstance(header, list) else 0
        for line, cells in records:
            if isinstance(cells, list) and len(cells) != width:
                yield line, _squared(line, cells, width)
            else:
                yield line, cells

    def _records(self) -> Iterator[tuple[int, list[str] | BrokenRow]]:
        return self._sheet_records() if self.sheet else self._text_records()

    def _text_records(self) -> Iterator[tuple[int, list[str] | BrokenRow]]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            line = 1
            while True:
                try:
                    cells = next(reader, None)
                except csv.Error as error:
                    yield line, BrokenRow(line, _("a readable row (%s)") % error)
                    return
                if cells is None:
                    return
                if any(cells):
                    yield line, cells
                line = reader.line_num + 1

    def _sheet_records(self) -> Iterator[tuple[int, list[str] | BrokenRow]]:
        sheet = _workbook(self.path).get_sheet_by_name(self.sheet)
        for line, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            texts = [_cell_text(cell) for cell in cells]
            if any(texts):
                yield line, texts


def _squared(line: int, cells: list[str], width: int) -> list[str] | BrokenRow:
    """A row of the header's width, empty cells behind it dropped."""
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if len(cells) == width:
        return cells
    expected = _("%(width)d cells, as in the header; there are %(found)d")
    return BrokenRow(line, expected % {"width": width, "found": len(cells)}, cells)


def _cell_text(cell: Any) -> str:
    """What a spreadsheet's cell says, numbers without an exponent and days without a time."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def find_source(path: Path, mapping: TableMapping) -> Source | None:
    """The file or sheet that a table comes from; None if it may be missing and is.

    ImportRefused says what was looked for, or why the file cannot be read.
    """
    file = _find_file(path, mapping)
    if file is None:
        if mapping.optional:
            return None
        raise ImportRefused(
            _("%(table)s: there is no %(file)s in %(path)s.")
            % {"table": mapping.table, "file": mapping.file, "path": path}
        )
    if file.suffix.lower() in _EXCEL:
        return Source(file, sheet=_sheet_of(file, mapping))
    encoding = _encoding_of(file)
    delimiter = mapping.delimiter or _delimiter_of(file, encoding)
    return Source(file, delimiter=delimiter, encoding=encoding)


def _find_file(path: Path, mapping: TableMapping) -> Path | None:
    if not path.exists():
        raise ImportRefused(_("There is no file or folder %(path)s.") % {"path": path})
    if path.is_file():
        return path if _readable(path) else None
    wanted = Path(mapping.file)
    if not mapping.file:
        raise ImportRefused(
            _("%(table)s: name a file, since %(path)s is a folder.")
            % {"table": mapping.table, "path": path}
        )
    candidates = sorted(entry for entry in path.iterdir() if entry.is_file() and _readable(entry))
    same_name = [entry for entry in candidates if entry.name.lower() == wanted.name.lower()]
    same_stem = [entry for entry in candidates if entry.stem.lower() == wanted.stem.lower()]
    return next(iter(same_name or same_stem), None)


def _readable(path: Path) -> bool:
    return path.suffix.lower() in _EXCEL | _TEXT


def _workbook(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        raise ImportRefused(
            _("%(file)s is not a readable workbook: %(error)s")
            % {"file": path.name, "error": error}
        ) from error


def _sheet_of(path: Path, mapping: TableMapping) -> str:
    names: list[str] = _workbook(path).sheet_names
    if mapping.sheet:
        if mapping.sheet not in names:
            raise ImportRefused(
                _("%(file)s has no sheet “%(sheet)s”; it has %(names)s.")
                % {"file": path.name, "sheet": mapping.sheet, "names": ", ".join(names)}
            )
        return mapping.sheet
    stem = Path(mapping.file).stem.lower()
    return next((name for name in names if name.lower() == stem), names[0])


def _encoding_of(path: Path) -> str:
    """UTF-8, UTF-16 by its mark, else what Korean Excel writes. ImportRefused if none fits."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "cp949"):
        if _decodes(path, encoding):
            return encoding
    raise ImportRefused(
        _("%(file)s is neither UTF-8 nor CP949 text. Save it as “CSV UTF-8” and try again.")
        % {"file": path.name}
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter_of(path: Path, encoding: str) -> str:
    """What the header's cells are divided by most often."""
    with path.open(encoding=encoding, newline="") as file:
        first = next((line for line in file if line.strip()), "")
    bare = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)
