"""The embedded servers: started once for all who ask, stopped when the last is gone."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from redis import Redis

from salesdash import embedded
from salesdash.embedded import postgres
from salesdash.embedded.places import Places

HOLD = """
import sys
from salesdash import embedded
embedded.ensure()
print("up", flush=True)
sys.stdin.read()
"""
# In a process of its own, since this one may hold the servers of the test session.
AWAIT_STOP = "import sys; from salesdash import embedded; sys.exit(not embedded.release())"


@pytest.fixture
def own_data(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = elsewhere / "data"
    monkeypatch.setenv("SALESDASH_DATA_DIR", str(data))
    return data


def hold() -> "subprocess.Popen[str]":
    """A process that uses the servers until its input ends; returns once they are up."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=embedded.PROJECT,
    )
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


def test_both_serve_while_held_and_stop_after_the_last_holder(own_data: Path) -> None:
    first, second = hold(), hold()
    with psycopg2.connect(embedded.database_url()) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert cursor.fetchall()[0][0].startswith("18")
    assert Redis.from_url(embedded.redis_url()).ping()
    first.communicate("")
    assert Redis.from_url(embedded.redis_url()).ping()
    second.kill()
    second.wait()
    subprocess.run([sys.executable, "-c", AWAIT_STOP], cwd=embedded.PROJECT, check=True)
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(embedded.database_url())


def test_several_may_ask_at_once(own_data: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD],
            stdin=subprocess.DEVNULL,
            cwd=embedded.PROJECT,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(4)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    subprocess.run([sys.executable, "-c", AWAIT_STOP], cwd=embedded.PROJECT, check=True)


def test_nothing_starts_where_both_addresses_are_given(tmp_path: Path) -> None:
    environment = os.environ | {
        "SALESDASH_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "postgres://db/sales",
        "REDIS_URL": "redis://redis",
    }
    subprocess.run([sys.executable, "-c", HOLD], cwd=embedded.PROJECT, env=environment, check=True)
    assert list(tmp_path.iterdir()) == []


def test_a_path_too_long_for_a_socket_is_replaced(tmp_path: Path) -> None:
    here = Places(tmp_path / ("long" * 30))
    assert len(str(here.socket_dir(here.postgres))) < 60
    assert str(here.socket_dir(here.postgres)) in postgres.url(here).replace("%2F", "/")


def test_the_secret_key_is_made_once_and_kept_private(own_data: Path) -> None:
    assert embedded.secret_key() == embedded.secret_key()
    assert (own_data / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("memory", "shared_buffers", "work_mem"), [(1, "170MB", "4MB"), (24, "4096MB", "64MB")]
)
def test_settings_fit_the_machine(memory: int, shared_buffers: str, work_mem: str) -> None:
    settings = postgres.fitted_settings(memory << 30, shared_memory=0)
    assert settings["shared_buffers"] == shared_buffers
    assert settings["work_mem"] == work_mem
    assert settings["dynamic_shared_memory_type"] == "mmap"
