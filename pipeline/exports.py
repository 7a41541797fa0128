"""Tables as files that spreadsheets open right, and that carry no formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import chain, islice
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from xlsxwriter import Workbook

FORMATS = ("csv", "xlsx")
# What a sheet holds below its header.
SPREADSHEET_ROWS = 1_048_575

# Excel reads UTF-8 as such only behind this mark; Korean names would be garbled without.
BYTE_ORDER_MARK = "\ufeff"
# East Asian spreadsheets read the wide forms as the narrow ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")

Line = Sequence[Any]


class _Echo:
    """A file that hands back what is written to it, so that a table can be streamed."""

    def write(self, text: str) -> str:
        return text


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; numbers and dates stay what they are."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def export(name: str, header: Line, rows: Iterable[Line], *, file_format: str) -> HttpResponseBase:
    """The table as a download `name.csv` or `name.xlsx`. KeyError for another format."""
    return {"csv": _csv, "xlsx": _xlsx}[file_format](name, header, rows)


def _csv(name: str, header: Line, rows: Iterable[Line]) -> HttpResponseBase:
    response = StreamingHttpResponse(
        _csv_lines(header, rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _csv_lines(header: Line, rows: Iterable[Line]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    yield writer.writerow([harmless(str(cell)) for cell in header])
    for row in rows:
        yield writer.writerow([_text(cell) for cell in row])


def _text(cell: Any) -> str:
    if cell is None or (isinstance(cell, Decimal) and cell.is_nan()):
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, Decimal):
        return f"{_trimmed(cell):f}"
    return str(harmless(cell))


def _trimmed(number: Decimal) -> Decimal:
    """Without the zeros that only the column's scale adds."""
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()


def _xlsx(name: str, header: Line, rows: Iterable[Line]) -> HttpResponseBase:
    file = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, {**options, "remove_timezone": True}) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for page in _sheets(rows):
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, [str(cell) for cell in header], bold)
            for number, row in enumerate(page, start=1):
                for column, cell in enumerate(row):
                    _write_cell(sheet, number, column, cell, day, instant)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx")


def _sheets(rows: Iterable[Line]) -> Iterator[Iterator[Line]]:
    """The rows of each sheet, to be read in turn; beyond what one holds, another goes on."""
    left = iter(rows)
    yield islice(left, SPREADSHEET_ROWS)
    for row in left:
        yield chain([row], islice(left, SPREADSHEET_ROWS - 1))


def _write_cell(sheet: Any, row: int, column: int, cell: Any, day: Any, instant: Any) -> None:
    if cell is None or (isinstance(cell, Decimal) and cell.is_nan()):
        return
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, instant)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, int | Decimal):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, str(harmless(cell)))
