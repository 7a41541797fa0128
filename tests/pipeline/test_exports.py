"""Tables as files: nothing is left out, however long they are."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.http import FileResponse
from python_calamine import CalamineWorkbook

from pipeline import exports


def sheets(count: int) -> list[list[list[Any]]]:
    """The sheets of a workbook of so many rows."""
    answer = exports.export("n", ["N"], ([n] for n in range(count)), file_format="xlsx")
    assert isinstance(answer, FileResponse)
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer)))
    return [book.get_sheet_by_index(at).to_python() for at in range(len(book.sheet_names))]


def test_rows_that_one_sheet_cannot_hold_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SPREADSHEET_ROWS", 2)

    assert sheets(2) == [[["N"], [0], [1]]]
    assert sheets(5) == [[["N"], [0], [1]], [["N"], [2], [3]], [["N"], [4]]]


def test_a_table_without_rows_still_names_its_columns() -> None:
    assert sheets(0) == [[["N"]]]
