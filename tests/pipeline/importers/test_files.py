"""Files as people have them: encodings, separators, workbooks, and where they lie."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipeline.importers.errors import ImportRefused
from pipeline.importers.files import BrokenRow, find_source
from pipeline.importers.mapping import TableMapping, parse_mapping


def mapping(**settings: Any) -> TableMapping:
    content = {"customers": {"columns": {"name": "name"}, **settings}}
    return parse_mapping(content, name="my.toml").tables[0]


def read(path: Path, **settings: Any) -> list[Any]:
    """The header, then every row with its line."""
    source = find_source(path, mapping(**settings))
    assert source is not None
    return [source.header(), *source.rows()]


def refusal(path: Path, **settings: Any) -> str:
    with pytest.raises(ImportRefused) as refused:
        read(path, **settings)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_korean_is_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("name,region\n한빛,서울\n", encoding)
    assert read(file) == [["name", "region"], (2, ["한빛", "서울"])]


def test_an_encoding_that_cannot_be_told_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(b"name\n\xff\xfe\xfd\n")
    assert refusal(file) == (
        "customers.csv is neither UTF-8 nor CP949 text. Save it as “CSV UTF-8” and try again."
    )


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_told_from_the_header(tmp_path: Path, mark: str) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(f'"name, full"{mark}region{mark}size\nA{mark}B{mark}C\n')
    assert read(file) == [["name, full", "region", "size"], (2, ["A", "B", "C"])]


def test_a_separator_may_be_named(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("name:region\nA:B\n")
    assert read(file, delimiter=":") == [["name", "region"], (2, ["A", "B"])]


def test_empty_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("name,region\n\n,\nA,B\n\n")
    assert read(file) == [["name", "region"], (4, ["A", "B"])]


def test_empty_cells_beyond_the_header_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("name,region\nA,B,,\nC,D,E\n")
    _header, first, (line, broken) = read(file)
    assert first == (2, ["A", "B"])
    assert isinstance(broken, BrokenRow)
    assert (line, broken.expected) == (3, "2 cells, as in the header; there are 3")


def test_a_column_that_comes_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("name,name\n")
    assert refusal(file) == "customers.csv has the column “name” twice."


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("")
    assert refusal(file) == "customers.csv is empty."


def make_workbook(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Notes").write(0, 0, "nothing here")
    sheet = book.add_worksheet("Customers")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["name", "employees", "price", "since", "at", "active"])
    sheet.write_row(1, 0, ["한빛", 1200, 0.1])
    sheet.write_datetime(1, 3, datetime.combine(date(2026, 1, 5), datetime.min.time()), day)
    sheet.write_datetime(1, 4, datetime(2026, 1, 5, 9, 30), day)
    sheet.write_boolean(1, 5, True)
    book.close()


def test_a_workbooks_cells_say_what_they_mean(tmp_path: Path) -> None:
    make_workbook(tmp_path / "export.xlsx")
    rows = read(tmp_path / "export.xlsx", sheet="Customers")
    assert rows[1] == (2, ["한빛", "1200", "0.1", "2026-01-05", "2026-01-05 09:30:00", "true"])


def test_a_sheet_is_found_by_the_name_of_the_file_that_it_stands_for(tmp_path: Path) -> None:
    make_workbook(tmp_path / "export.xlsx")
    assert read(tmp_path / "export.xlsx", file="customers.csv")[0][0] == "name"


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    make_workbook(tmp_path / "export.xlsx")
    assert refusal(tmp_path / "export.xlsx", sheet="Deals") == (
        "export.xlsx has no sheet “Deals”; it has Notes, Customers."
    )


def test_a_workbook_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "export.xlsx"
    file.write_text("name\nA\n")
    assert refusal(file).startswith("export.xlsx is not a readable workbook")


def test_a_file_of_a_folder_may_be_saved_in_another_format(tmp_path: Path) -> None:
    make_workbook(tmp_path / "Customers.xlsx")
    assert read(tmp_path, file="customers.csv")[0][0] == "name"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, file="customers.csv")
    assert message == f"customers: there is no customers.csv in {tmp_path}."


def test_a_file_may_be_missing_where_the_mapping_says_so(tmp_path: Path) -> None:
    assert find_source(tmp_path, mapping(file="customers.csv", optional=True)) is None


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == f"There is no file or folder {tmp_path / 'none'}."
