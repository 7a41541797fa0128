"""A backup restored into an empty cluster is the same database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from salesdash import embedded
from tests.cast import Cast, make_customer, make_deal
from tests.salesdash.contents import contents

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
    make_deal(cast, cast.minsu, customer=make_customer())
    file, new = tmp_path / "sales.dump", elsewhere / "new"
    call_command("backup", file)
    assert file.stat().st_mode & 0o077 == 0
    restored = manage(new, "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    told = json.loads(manage(new, "shell", "--no-imports", "-c", TELL).stdout)
    assert told == contents()
    assert told["pipeline_deal"].startswith("1 ")
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
