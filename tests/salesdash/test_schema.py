"""The OpenAPI schema is complete, true, and no input of it makes the server fail."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from rest_framework.authtoken.models import Token
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.cast import Cast
from tests.world import World, make_world

BOUNDED = settings(
    max_examples=8,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
# What generated calls of a single row are about, so that they find one.
ROWS = {
    "deals": "deal",
    "leads": "lead",
    "customers": "customer",
    "activities": "activity",
    "contracts": "contract",
    "costs": "cost",
    "rates": "rate",
    "goals": "goal",
    "sources": "source",
    "products": "product",
}
PROMISED = {
    f"/api/v1/{name}/"
    for line in (
        "kpis deals leads customers activities contracts costs goals",
        "teams users stages rates products sources",
    )
    for name in line.split()
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """As the generator writes it; a warning fails."""
    written = StringIO()
    options = {"format": "openapi-json", "validate": True, "fail_on_warn": True}
    call_command("spectacular", stdout=written, **options)
    found: dict[str, Any] = json.loads(written.getvalue())
    return found


def test_it_names_what_the_product_promises(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) >= PROMISED
    assert "/api/v1/deals/{id}/move/" in schema["paths"]
    assert "/api/v1/leads/{id}/convert/" in schema["paths"]


def test_every_operation_says_how_it_refuses(schema: dict[str, Any]) -> None:
    for path in schema["paths"].values():
        for method, operation in path.items():
            answers = operation["responses"]
            assert "application/problem+json" in answers["default"]["content"]
            assert method == "get" or "409" in answers


def test_it_is_served_to_those_who_signed_in(cast: Cast, client: Client) -> None:
    assert client.get("/api/v1/schema/").status_code == 401
    client.force_login(cast.minsu)
    assert client.get("/api/v1/schema/").status_code == 200
    assert client.get("/api/v1/docs/").status_code == 200


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests leave the connection open that the test's transaction is on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(world: World) -> dict[str, str]:
    """The headers of somebody who may do nearly everything."""
    return {"Authorization": f"Token {Token.objects.create(user=world.cast.sam).key}"}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_input_makes_the_server_fail(
    world: World, token: dict[str, str], mode: GenerationMode
) -> None:
    api = schemathesis.openapi.from_wsgi("/api/v1/schema/", WSGIHandler(), headers=token)
    faults = []
    for found in api.get_all_operations():
        assert isinstance(found, Ok)
        try:
            ask_anything(found.ok(), mode, token, world)
        except FailureGroup as group:
            faults.append(f"{found.ok().label}: {group.exceptions}")
    assert not faults, "\n".join(faults)


def ask_anything(operation: Any, mode: GenerationMode, token: dict[str, str], world: World) -> None:
    """Call an operation with generated input, right or wrong, and look at the answers."""

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        with transaction.atomic():
            if "id" in (case.path_parameters or {}) and operation.path.split("/")[3] in ROWS:
                row = getattr(world, ROWS[operation.path.split("/")[3]])
                case.path_parameters["id"] = row.pk
            answer = case.call(headers=token)
            transaction.set_rollback(True)
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])
        assert answer.status_code not in {401, 429}

    with contextlib.suppress(Unsatisfiable):
        ask()
