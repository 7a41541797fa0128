"""One file's rows for one table, converted a chunk at a time; what cannot be is rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from pipeline.bulk import Counts
from pipeline.importers.errors import Gone, ImportRefused, Unreadable
from pipeline.importers.files import BrokenRow, Source
from pipeline.importers.kinds import Reading, Reference
from pipeline.importers.mapping import FieldMapping, TableMapping, unknown
from pipeline.importers.report import Rejection, TableReport
from pipeline.importers.session import Session, mask
from pipeline.importers.tables import TABLES

_CHUNK = 50_000
Texts = np.ndarray[Any, np.dtype[np.object_]]


class Rows:
    """Reads, converts and counts the rows of one file.

    `chunks` yields frames with a column of Python objects per mapped field (None for nothing),
    indexed by line. While a frame is worked on, `reject` leaves further rows out.
    """

    def __init__(
        self,
        mapping: TableMapping,
        source: Source,
        session: Session,
        *,
        progress: Callable[[str, int], None] = lambda _table, _rows: None,
    ) -> None:
        self.mapping = mapping
        self.totals = TableReport(mapping.table, source.name)
        self._table = TABLES[mapping.table]
        self._source = source
        self._session = session
        self._progress = progress
        self._header = source.header()
        self.mapping = _without_missing(mapping, self._header)
        self._check_columns()
        self._seen: dict[Any, int] = {}
        self._repeats: Counter[str] = Counter()
        self._cells: dict[int, list[str]] = {}
        self._faults: dict[int, list[Rejection]] = {}
        self._left_out: set[int] = set()
        session.report.tables.append(self.totals)

    def _check_columns(self) -> None:
        for name, wanted in self.mapping.fields.items():
            for column in wanted.columns:
                if column not in self._header:
                    complaint = unknown(_("column"), column, [c for c in self._header if c])
                    raise ImportRefused(
                        f"{self._source.name}: {self.mapping.table}.{name}: {complaint}"
                    )

    def has(self, name: str) -> bool:
        """Whether the mapping says where this field comes from."""
        return name in self.mapping.fields

    def option(self, name: str, allowed: Collection[str]) -> str:
        """A setting of this table, if the mapping has it. ImportRefused for another value."""
        value = self.mapping.options.get(name, "")
        if value and value not in allowed:
            self.refuse(f"{name}: {unknown(_('value'), value, allowed)}")
        return value

    def numbered(self, text: str) -> str:
        """The text, with 2, 3 and so on behind it each further time that it comes."""
        self._repeats[text] += 1
        return text if self._repeats[text] == 1 else f"{text}-{self._repeats[text]}"

    def prepare(self) -> None:
        """Read what the rows may refer to, since nothing can be read while rows are copied."""
        kinds = self._table.fields.values()
        self._session.references.prepare(kind.to for kind in kinds if isinstance(kind, Reference))

    def note(self, text: str, rows: int) -> None:
        """Tell of something that was dealt with."""
        self._session.report.note(text, rows)

    def count(self, counts: Counts) -> None:
        """Add what became of rows."""
        self.totals.counts += counts

    def refuse(self, message: str) -> NoReturn:
        """Give up on the whole file."""
        raise ImportRefused(f"{self._source.name}: {message}")

    def texts(self, name: str) -> list[str]:
        """Every text that one field holds, once each, in the order of the file."""
        found: dict[str, None] = {}
        for cells in self._raw(lambda _line, _broken: None):
            texts = self._written(list(cells.values()), self.mapping.fields[name])
            found |= dict.fromkeys(
                _mapped(text, self.mapping.fields[name]) for text in dict.fromkeys(texts)
            )
        return [text for text in found if text]

    def chunks(self) -> Iterator[pd.DataFrame]:
        """The rows that are good so far."""
        self.prepare()
        for cells in self._raw(self._reject_broken):
            self._cells, self._faults, self._left_out = cells, {}, set()
            values = self._values(cells)
            lacking = self._left_out.difference(self._faults)
            self.totals.read += len(cells) - len(lacking)
            yield values.drop(index=[*self._faults, *lacking])
            self._flush()
            self._progress(self.mapping.table, self.totals.read)

    def reject(
        self, values: pd.DataFrame, bad: pd.Series[bool], name: str, expected: str
    ) -> pd.DataFrame:
        """The rows that are not `bad`; the others are rejected for what field `name` holds."""
        for line in values.index[bad]:
            self.fault(line, name, expected)
        return values[~bad]

    def past(
        self,
        values: pd.DataFrame,
        name: str,
        now: datetime,
        where: pd.Series[bool] | None = None,
    ) -> pd.DataFrame:
        """The rows whose field `name` (if there is one) does not lie in the future."""
        if name not in values:
            return values
        future = mask((at is not None and at > now for at in values[name]), values.index)
        chosen = future if where is None else future & where
        return self.reject(values, chosen, name, _("a date that is not in the future"))

    def unique(self, values: pd.DataFrame, *key: str) -> pd.DataFrame:
        """Each key's first row; the others are rejected, or left out of a distinct table."""
        keys = zip(*(values[name] for name in key), strict=True)
        pairs = zip(values.index, keys, strict=True)
        lines = [self._seen.setdefault(found, line) for line, found in pairs]
        repeated = pd.Series(lines, index=values.index) != values.index
        if self.mapping.distinct:
            self.totals.read -= int(repeated.sum())
            return values[~repeated]
        for line, first in zip(values.index, lines, strict=True):
            if line != first:
                expected = _("a value of its own; line %(line)d has it too") % {"line": first}
                self.fault(line, key[-1], expected)
        return values[~repeated]

    def _raw(self, broken: Callable[[int, BrokenRow], None]) -> Iterator[dict[int, list[str]]]:
        records = self._counting(self._source.rows())
        while part := list(islice(records, _CHUNK)):
            cells: dict[int, list[str]] = {}
            for line, found in part:
                if isinstance(found, BrokenRow):
                    broken(line, found)
                else:
                    cells[line] = found
            if cells:
                yield cells

    def _counting(
        self, records: Iterator[tuple[int, list[str] | BrokenRow]]
    ) -> Iterator[tuple[int, list[str] | BrokenRow]]:
        """The rows that have what the mapping's `only` asks for, and those that are broken."""
        wanted = [
            (self._header.index(column), texts)
            for column, texts in self.mapping.only.items()
            if column in self._header
        ]
        if not wanted:
            return records
        return (
            (line, cells)
            for line, cells in records
            if isinstance(cells, BrokenRow)
            or all(cells[place].strip().casefold() in texts for place, texts in wanted)
        )

    def _values(self, cells: dict[int, list[str]]) -> pd.DataFrame:
        rows, lines = list(cells.values()), list(cells)
        columns = {
            name: pd.Series(self._converted(name, rows, lines), index=lines, dtype=object)
            for name in self.mapping.fields
        }
        return pd.DataFrame(columns, index=pd.Index(lines))

    def _converted(self, name: str, rows: list[list[str]], lines: list[int]) -> Texts:
        """Each distinct text is read once, so that a column costs what it holds."""
        wanted = self.mapping.fields[name]
        codes, distinct = pd.factorize(self._written(rows, wanted))
        how = self._reading(wanted)
        read = [self._read(name, text, wanted, how) for text in distinct]
        self._tell_of_values(name, distinct, codes, wanted)
        values = np.empty(len(read), dtype=object)
        values[:] = [None if isinstance(value, Unreadable) else value for value in read]
        faults = np.array([isinstance(value, Unreadable) for value in read], dtype=bool)
        for position in np.flatnonzero(faults[codes]):
            fault = read[codes[position]]
            if wanted.lenient or isinstance(fault, Gone):
                self._let_pass(lines[position], name, fault)
            else:
                self.fault(lines[position], name, str(fault))
        return values[codes]

    def _let_pass(self, line: int, name: str, fault: Unreadable) -> None:
        """The field counts as empty; without it, where it is needed, so does the row."""
        told = _("%(table)s: %(field)s is not %(expected)s: taken as empty")
        if name in self._table.required:
            self._left_out.add(line)
            told = _("%(table)s: %(field)s is not %(expected)s: row left out")
        words = {"table": self.mapping.table, "field": name, "expected": fault}
        self.note(told % words, 1)

    def _read(self, name: str, raw: str, wanted: FieldMapping, how: Reading) -> Any:
        text = _mapped(raw, wanted)
        if not text:
            return Unreadable(_("a value")) if name in self._table.required else None
        try:
            return self._table.fields[name].read(text, how)
        except Unreadable as fault:
            return fault

    def _reading(self, wanted: FieldMapping) -> Reading:
        session = self._session
        return Reading(
            calendar=session.calendar,
            references=session.references,
            format=wanted.format,
            decimal_comma=wanted.decimal_comma,
            zone=wanted.zone,
            percent=wanted.percent,
        )

    def _written(self, rows: list[list[str]], wanted: FieldMapping) -> Texts:
        """The field's text in each row, before values are mapped."""
        places = [self._header.index(column) for column in wanted.columns]
        texts = np.empty(len(rows), dtype=object)
        if len(places) == 1:
            texts[:] = [row[places[0]] for row in rows]
        else:
            texts[:] = [
                wanted.join.join(filter(None, (row[place].strip() for place in places)))
                for row in rows
            ]
        return texts

    def _tell_of_values(self, name: str, distinct: Texts, codes: Any, wanted: FieldMapping) -> None:
        corrected = wanted.corrected
        counts = np.bincount(codes, minlength=len(distinct))
        for text, rows in zip(distinct, counts, strict=True):
            if text.strip() in corrected:
                told = _("%(table)s: %(field)s “%(text)s” read as “%(value)s”") % {
                    "table": self.mapping.table,
                    "field": name,
                    "text": text.strip(),
                    "value": corrected[text.strip()],
                }
                self.note(told, int(rows))

    def fault(self, line: int, name: str, expected: str) -> None:
        """Reject one row of the frame that is worked on; see `reject`."""
        columns = self.mapping.fields[name].columns if name in self.mapping.fields else ()
        cells = dict(zip(self._header, self._cells[line], strict=True))
        value = " ".join(cells[column] for column in columns)
        fault = Rejection(self._source.name, line, ", ".join(columns) or name, value, expected)
        self._faults.setdefault(line, []).append(fault)

    def _flush(self) -> None:
        for line in sorted(self._faults):
            self._session.report.reject(
                self.totals, self._header, self._cells[line], self._faults[line]
            )

    def _reject_broken(self, line: int, broken: BrokenRow) -> None:
        self.totals.read += 1
        fault = Rejection(self._source.name, line, "", ", ".join(broken.cells), broken.expected)
        self._session.report.reject(self.totals, self._header, broken.cells, [fault])


def _without_missing(mapping: TableMapping, header: Collection[str]) -> TableMapping:
    """The mapping without optional fields whose columns the file does not have."""
    fields = {
        name: wanted
        for name, wanted in mapping.fields.items()
        if not wanted.optional or set(wanted.columns) <= set(header)
    }
    return replace(mapping, fields=fields)


def _mapped(text: str, wanted: FieldMapping) -> str:
    bare = text.strip()
    if bare in wanted.empty:
        bare = ""
    return wanted.corrected.get(bare, bare) or wanted.default
