"""A backup restored into an empty cluster is the same database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from kpis.drain import drain
from pipeline.actions.closings import close_period
from salesdash import embedded
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.salesdash.contents import contents

# What tells journeys and holds closed periods works on in the restored one.
WORK_ON = """
from django.db import DatabaseError
from pipeline.models import Deal, Stage, StageVisit
Deal.objects.update(stage=Stage.objects.get(position=3))
print(StageVisit.objects.count(), StageVisit.objects.filter(moved_on=True).count())
try:
    Deal.objects.update(created_at="2025-02-03T09:00+09:00")
except DatabaseError as error:
    print(error)
"""
TELL = "import json; from tests.salesdash.contents import contents; print(json.dumps(contents()))"


def manage(data: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command on another installation, whose data is in that directory."""
    environment = os.environ | {
        "SALESDASH_DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "salesdash.settings",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=embedded.PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_holds_every_row_and_trigger(
    cast: Cast, elsewhere: Path, tmp_path: Path
) -> None:
    make_deal(cast, cast.minsu, 2, customer=make_customer())
    year = cast.company.calendar.parse("2025", at=seoul(2026, 2, 1))
    close_period(period=year, by=cast.sam, at=seoul(2026, 2, 1))
    drain()  # Else a worker of another test's site may do so between backup and comparison.
    file, new = tmp_path / "sales.dump", elsewhere / "new"
    call_command("backup", file)
    held = contents()
    assert file.stat().st_mode & 0o077 == 0
    restored = manage(new, "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    told = json.loads(manage(new, "shell", "--no-imports", "-c", TELL).stdout)
    assert told == held
    assert told["pipeline_deal"].startswith("1 ")
    assert told["pipeline_stagevisit"].startswith("1 ")
    worked = manage(new, "shell", "--no-imports", "-c", WORK_ON).stdout
    assert worked.startswith("2 1\n2025 is closed."), worked
    again = manage(new, "restore", str(file))
    assert again.returncode == 1
    assert "restored into an empty one only" in again.stderr


@pytest.mark.django_db
def test_a_backup_never_replaces_a_file(tmp_path: Path) -> None:
    file = tmp_path / "sales.dump"
    file.write_text("last week's")
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", file)
    assert file.read_text() == "last week's"


@pytest.mark.django_db
def test_a_backup_needs_its_directory(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no directory"):
        call_command("backup", tmp_path / "missing" / "sales.dump")
