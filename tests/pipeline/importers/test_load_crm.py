"""`manage.py load_crm`, as people and scripts call it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from pipeline.models import Deal
from tests.pipeline.importers.exports import Export

pytestmark = pytest.mark.django_db

GOOD = "1,A,Hanbit,Min,Won,100,2026-01-05,2026-02-05"
BAD = "2,B,Hanbit,Min,Won,x,2026-01-05,2026-02-05"


@pytest.fixture
def export(tmp_path: Path, settings: Any) -> Export:
    settings.DATA_DIR = tmp_path / "data"
    return Export(tmp_path)


def run(export: Export, *options: str) -> str:
    output = StringIO()
    mapping = ["--preset", "generic", "--mapping", str(export.mapping)]
    call_command("load_crm", str(export.folder), *mapping, *options, stdout=output)
    return output.getvalue()


def test_it_tells_what_became_of_each_file(export: Export, capsys: Any) -> None:
    lines = run(export.deals(GOOD)).splitlines()
    assert lines[2] == (
        "deals from deals.csv: 1 read, 1 created, 0 updated, 0 unchanged, 0 rejected"
    )
    assert lines[-1].startswith("Done in ")
    assert Deal.objects.count() == 1
    assert capsys.readouterr().err.splitlines()[-1] == "deals: 1"


def test_a_rejected_row_is_told_and_fails(export: Export, capsys: Any) -> None:
    output = StringIO()
    mapping = ["--preset", "generic", "--mapping", str(export.deals(GOOD, BAD).mapping)]
    with pytest.raises(SystemExit, match="1"):
        call_command("load_crm", str(export.folder), *mapping, stdout=output)
    *_rest, reason, file, verdict = output.getvalue().splitlines()
    assert reason.startswith("deals.csv, line 3: amount: “x” — a number from 0")
    assert file.startswith(f"Rejected rows are in {export.folder}/data/rejected/")
    assert Path(file.removeprefix("Rejected rows are in ")).is_file()
    assert verdict == "Nothing was changed, since rows were rejected."
    assert not Deal.objects.exists()


def test_json_is_all_that_is_printed(export: Export, capsys: Any) -> None:
    answer = json.loads(run(export.deals(GOOD), "--json"))
    assert answer["tables"][-1] == {
        "table": "deals",
        "file": "deals.csv",
        "read": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
    }
    assert (answer["ok"], answer["changed"], answer["rejections"]) == (True, True, [])
    assert capsys.readouterr().err == ""


def test_a_dry_run_changes_nothing(export: Export) -> None:
    output = run(export.deals(GOOD), "--dry-run")
    assert output.splitlines()[-1] == "Nothing was changed: this was a dry run."
    assert not Deal.objects.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--preset", "generic"], "needs a mapping: --mapping FILE.toml"),
        (["--preset", "maven", "--mapping", "x.toml"], "Only the generic preset takes a mapping."),
        (["--preset", "maven", "--currency", "won"], "--currency: Enter a currency as three"),
        (["--preset", "maven"], "teams: there is no sales_teams.csv in "),
        (["--preset", "excel"], "invalid choice: 'excel'"),
    ],
)
def test_what_is_wrong_with_the_call_is_said(
    tmp_path: Path, options: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("load_crm", str(tmp_path), *options)


def test_scripts_learn_the_reason_as_json_too(tmp_path: Path) -> None:
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("load_crm", str(tmp_path), "--preset", "maven", "--json", stdout=output)
    answer = json.loads(output.getvalue())
    assert (answer["ok"], answer["changed"]) == (False, False)
    assert answer["error"].startswith("teams: there is no sales_teams.csv")
