"""Where the embedded servers keep their data, sockets and locks."""

import fcntl
import hashlib
import importlib.util
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# A unix socket's address holds 107 bytes; PostgreSQL adds ".s.PGSQL.5432.lock" to the directory.
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432.lock")


class EmbeddedServerError(RuntimeError):
    """An embedded server could not be started; says what it said."""


def package_dir(name: str) -> Path:
    """The directory of an installed package, without importing it and what that sets off."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(f"{name} is not installed; run `make setup`.")
    return Path(spec.origin).parent


@dataclass(frozen=True)
class Places:
    """The files under one data directory, which is made on first use."""

    data: Path

    def __post_init__(self) -> None:
        # Others may pass through but not look: PostgreSQL runs as another user under root.
        self.data.mkdir(mode=0o711, parents=True, exist_ok=True)

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def redis(self) -> Path:
        return self.data / "redis"

    @property
    def outbox(self) -> Path:
        return self.data / "outbox"

    @property
    def secret_key(self) -> Path:
        return self.data / "secret_key"

    @property
    def start_lock(self) -> Path:
        return self.data / "start.lock"

    @property
    def hold_lock(self) -> Path:
        return self.data / "hold.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.data / "keeper.lock"

    def socket_dir(self, home: Path) -> Path:
        """Where the server of `home` listens: there, or on a short path if that is too long."""
        if len(os.fsencode(home)) <= LONGEST_SOCKET_DIR:
            return home
        name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"salesdash-{os.geteuid()}-{name}"

    def make_socket_dir(self, home: Path, owner: int) -> None:
        """Make it, open to `owner` (and root) alone: whoever can enter is trusted."""
        directory = self.socket_dir(home)
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
        if found.st_uid not in (os.geteuid(), owner) or not stat.S_ISDIR(found.st_mode):
            raise EmbeddedServerError(f"{directory} belongs to someone else; remove it first.")
        if found.st_uid != owner:
            os.chown(directory, owner, -1)
        directory.chmod(0o700)

    @staticmethod
    def is_free(lock: Path) -> bool:
        with lock.open("ab") as file:
            return takes(file, fcntl.LOCK_EX)

    def has_holder(self) -> bool:
        """Whether a process uses the servers; False also while the keeper is stopping them."""
        with self.hold_lock.open("ab") as file:
            return takes(file, fcntl.LOCK_SH) and not takes(file, fcntl.LOCK_EX)


def takes(file: IO[bytes], kind: int) -> bool:
    """Take a lock of that kind if it is to be had at once."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
