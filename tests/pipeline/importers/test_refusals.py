"""All or nothing: a row that cannot be taken undoes the import and is named exactly."""

import csv
from pathlib import Path

import pytest

from pipeline.importers.errors import ImportRefused
from pipeline.models import Customer, Deal, SalesProcess, Touched
from tests.pipeline.importers.exports import DEALS_HEADER, Export, reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


def test_a_broken_row_in_the_middle_changes_nothing_and_is_named(export: Export) -> None:
    export.deals(
        "1,A,Hanbit,Min,Won,100,2026-01-05,2026-02-05",
        "2,B,Hanbit,Min,Won,one hundred,2026-01-05,2026-02-05",
        "3,C,Hanbit,Min,Won,100,2026-01-05,2026-02-05",
    )
    report = export.load()
    assert reasons(report) == [
        (
            3,
            "amount",
            "one hundred",
            "a number from 0 to 10000000000000000, such as 1234.50",
        )
    ]
    assert report.rejected == 1
    assert not Deal.objects.exists()
    assert not Customer.objects.exists()
    assert not SalesProcess.objects.exists()
    assert not Touched.objects.exists()


@pytest.mark.parametrize(
    ("row", "column", "value", "expected"),
    [
        ("1,A,,Min,Won,-5,2026-01-05,2026-02-05", "amount", "-5", "a number from 0"),
        ("1,A,,Min,Won,5,2026-02-30,2026-02-05", "created", "2026-02-30", "a date of the years"),
        ("1,A,,Min,Won,5,1815-06-18,2026-02-05", "created", "1815-06-18", "1900 to 2199"),
        ("1,A,,Min,Won,5,2026-01-05,2199-01-01", "closed", "2199-01-01", "not in the future"),
        ("1,A,,Min,Won,5,2026-01-05,", "closed", "", "since the deal is closed"),
        ("1,A,,Nobody,Won,5,2026-01-05,2026-02-05", "owner", "Nobody", "a person's external id"),
        ("1,A,,Min,Signed,5,2026-01-05,2026-02-05", "stage", "Signed", "a stage of the sales"),
        (",A,,Min,Won,5,2026-01-05,2026-02-05", "id", "", "a value"),
        ("1," + "A" * 201 + ",,Min,Won,5,,2026-02-05", "name", "A" * 201, "at most 200"),
        ("1,A\x07,,Min,Won,5,,2026-02-05", "name", "A\x07", "without control characters"),
        ("1,A,,Min,Won,5", "", "1, A, , Min, Won, 5", "8 cells, as in the header; there are 6"),
    ],
)
def test_each_kind_of_bad_value(
    export: Export, row: str, column: str, value: str, expected: str
) -> None:
    report = export.deals(row).load()
    ((line, where, what, wanted),) = reasons(report)
    assert (line, where, what) == (2, column, value)
    assert expected in wanted


def test_every_bad_cell_of_a_row_is_named(export: Export) -> None:
    report = export.deals("1,A,,Nobody,Won,x,2026-01-05,2026-02-05").load()
    assert [column for _line, column, _value, _expected in reasons(report)] == ["owner", "amount"]
    assert report.rejected == 1


def test_the_same_id_twice_is_named_with_its_first_line(export: Export) -> None:
    row = "1,A,,Min,Won,5,2026-01-05,2026-02-05"
    report = export.deals(row, row).load()
    assert reasons(report) == [(3, "id", "1", "a value of its own; line 2 has it too")]


def test_line_numbers_count_lines_within_quotes(export: Export) -> None:
    export.deals('1,"two\nlines",,Min,Talking,5,2026-01-05,', "2,B,,Min,Talking,x,2026-01-05,")
    assert reasons(export.load())[0][0] == 4


def test_a_quotation_mark_that_never_ends_is_named(export: Export) -> None:
    report = export.deals('1,"A,,Min,Won,5,2026-01-05,2026-02-05').load()
    ((line, _column, _value, expected),) = reasons(report)
    assert line == 2
    assert "unexpected end of data" in expected


def test_rejected_rows_are_kept_in_a_file_that_is_safe_to_open(export: Export) -> None:
    row = "1,=1+1,@SUM(A1),Min,Won,-5,2026-01-05,2026-02-05"
    report = export.deals(row, "2,B,,Min,Talking,1,2026-01-05,").load()
    path = export.folder / "rejected" / "now-deals.csv"
    assert [file.path for file in report.rejected_files.values()] == [path]
    header, kept = csv.reader(path.read_text("utf-8-sig").splitlines())
    assert header == ["line", "reason", *DEALS_HEADER.strip().split(",")]
    assert kept[0] == "2"
    assert kept[1].startswith("amount: a number from 0")
    assert kept[3:5] == ["'=1+1", "'@SUM(A1)"]
    assert kept[7] == "-5"


def test_what_the_database_refuses_changes_nothing(export: Export) -> None:
    export.add(
        """
        [products]
        file = "products.csv"
        columns = { external_id = "id", name = "name" }
        """
    ).write(products="id,name\n1,Same\n2,Same\n").deals("1,A,Hanbit,Min,Talking,5,2026-01-05,")
    with pytest.raises(ImportRefused, match=r"(?s)The database refused: .*\(name\)=\(Same\)"):
        export.load()
    assert not Customer.objects.exists()


def test_a_dry_run_tells_everything_and_changes_nothing(export: Export) -> None:
    report = export.deals("1,A,Hanbit,Min,Talking,5,2026-01-05,").load(dry_run=True)
    assert [(t.table, t.counts.created) for t in report.tables] == [
        ("teams", 2),
        ("people", 2),
        ("deals", 1),
    ]
    assert not Deal.objects.exists()
