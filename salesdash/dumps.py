"""The whole database to a file and back, by PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path

from django.db import connection
from psycopg2.extensions import make_dsn

from salesdash.embedded import postgres


class DumpError(Exception):
    """It could not be written or read; says why."""


def dump(file: Path) -> None:
    """Write everything, as of one moment, to a new file that only its owner may read."""
    if file.exists():
        raise DumpError(f"{file} exists already; name a new file.")
    if not file.parent.is_dir():
        raise DumpError(f"There is no directory {file.parent}.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.touch(mode=0o600)
    try:
        _run("pg_dump", "--format", "custom", "--no-owner", "--file", str(unfinished))
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(file: Path) -> None:
    """Read a dump into an empty database, all or nothing."""
    if not file.is_file():
        raise DumpError(f"There is no file {file}.")
    tables = connection.introspection.table_names()
    if tables:
        raise DumpError(
            f"The database “{connection.settings_dict['NAME']}” holds {len(tables)} tables, and a "
            "backup is restored into an empty one only. Create one and name it in DATABASE_URL, "
            "or set SALESDASH_DATA_DIR to a new directory; then restore before the first start."
        )
    _run("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(file))


def _run(program: str, *options: str) -> None:
    parameters = connection.get_connection_params()
    # Not on the command line, which every user of the machine can read.
    password = parameters.pop("password", "")
    for ours in ("cursor_factory", "client_encoding"):
        parameters.pop(ours, None)
    done = subprocess.run(
        [postgres.binary(program), "--dbname", make_dsn(**parameters), *options],
        env=os.environ | ({"PGPASSWORD": password} if password else {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise DumpError(f"{program} failed: {done.stderr.strip()}")
