"""The Dockerfile and docker-compose.yml fit the code, as far as can be told without an engine."""

import importlib
import re
import shlex
from typing import Any

import pytest
import yaml

from salesdash import embedded

COMPOSE: dict[str, Any] = yaml.safe_load((embedded.PROJECT / "docker-compose.yml").read_text())
DOCKERFILE = (embedded.PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
OURS = ("migrate", "web", "worker", "beat")
# Read by the server itself, and by whoever writes its logs.
READ_ELSEWHERE = {"FORWARDED_ALLOW_IPS", "PYTHONUNBUFFERED", "PATH"}


def instructions(name: str) -> list[str]:
    """What follows each such instruction of the Dockerfile, in order."""
    return re.findall(rf"^{name} +(.*)$", DOCKERFILE, re.MULTILINE)


def variables_read() -> set[str]:
    """The environment variables that the code asks for."""
    sources = [*(embedded.PROJECT / "salesdash").rglob("*.py")]
    text = "\n".join(file.read_text() for file in sources)
    named = re.findall(
        r"""env\.\w+\(\s*"([A-Z_]+)"|environ\.(?:get|setdefault)\("([A-Z_]+)"|"([A-Z_]+)" in os""",
        text,
    )
    return {name for names in named for name in names if name} | {"DATABASE_URL", "REDIS_URL"}


def test_the_services_are_those_that_make_a_site() -> None:
    assert set(COMPOSE["services"]) == {"postgres", "redis", *OURS}


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_one_that_the_settings_read(name: str) -> None:
    assert set(COMPOSE["services"][name]["environment"]) <= variables_read() | READ_ELSEWHERE


def test_the_image_sets_only_variables_that_are_read() -> None:
    named = {word.split("=")[0] for line in instructions("ENV") for word in line.split()}
    assert named <= variables_read() | READ_ELSEWHERE


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_the_work_commands_name_the_celery_application(name: str) -> None:
    words = shlex.split(COMPOSE["services"][name]["command"])
    assert words[0] == "celery"
    assert words[3] == name
    application = importlib.import_module(words[words.index("-A") + 1])
    assert application.app.main == "salesdash"


def test_the_image_serves_the_asgi_application() -> None:
    words = re.findall(r'"([^"]*)"', instructions("CMD")[-1])
    assert words[0] == "uvicorn"
    module, _colon, name = words[1].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_each_service_waits_for_what_it_needs() -> None:
    services = COMPOSE["services"]
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"}
        }
    for name in services["migrate"]["depends_on"]:
        assert services[name]["healthcheck"]["test"]


def test_every_named_volume_exists() -> None:
    used = {
        volume.split(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", ())
    }
    assert used == set(COMPOSE["volumes"])


def test_secrets_have_no_default() -> None:
    text = (embedded.PROJECT / "docker-compose.yml").read_text()
    for secret in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert re.search(rf"\$\{{{secret}:\?", text)
        assert not re.search(rf"\$\{{{secret}:?-", text)


def test_the_image_runs_as_nobody_special() -> None:
    assert instructions("USER") == ["salesdash"]
    assert DOCKERFILE.index("\nUSER") < DOCKERFILE.index("\nCMD")


def test_the_image_copies_files_that_exist() -> None:
    for line in instructions("COPY"):
        *sources, _target = [word for word in line.split() if not word.startswith("--")]
        if "--from=" not in line:
            assert all((embedded.PROJECT / source).exists() for source in sources)


def test_the_image_installs_the_same_uv_as_make() -> None:
    makefile = (embedded.PROJECT / "Makefile").read_text()
    pinned = re.search(r"UV_VERSION := (\S+)", makefile)
    assert pinned
    assert f"uv=={pinned[1]} " in DOCKERFILE
