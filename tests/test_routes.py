"""Every route, found from the resolver, called as every member of the cast and signed out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.cast import Cast
from tests.routes import EVERYONE, ROUTES, Route, admin_route
from tests.world import World, make_world

PARTS = ("accounts", "admin", "api", "")
READS = {"get", "head", "options"}


@dataclass(frozen=True)
class Found:
    """One pattern of the resolver."""

    name: str
    pattern: str
    methods: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.pattern if self.name.endswith(":") or not self.name else self.name


def every_route(
    resolver: URLResolver | None = None, names: tuple[str, ...] = (), prefix: str = ""
) -> Iterator[Found]:
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inside = (entry.namespace,) if entry.namespace else ()
            yield from every_route(entry, names + inside, pattern)
        elif isinstance(entry, URLPattern):
            actions = getattr(entry.callback, "actions", None) or {}
            yield Found(":".join([*names, entry.name or ""]), pattern, tuple(actions))


def part_of(route: Found) -> str:
    """The walk is split into parts, so that several processes can share it."""
    first = route.pattern.split("/")[0]
    return first if first in PARTS else ""


def known(route: Found) -> Route | None:
    return admin_route(route.key) if is_admin(route) else ROUTES.get(route.key)


def is_admin(route: Found) -> bool:
    return route.pattern.startswith("admin/")


def test_every_route_is_in_the_table() -> None:
    unknown = [f"{route.key}  ({route.pattern})" for route in every_route() if not known(route)]
    assert not unknown, "Say in tests/routes.py how to call these, and who is answered:\n" + (
        "\n".join(unknown)
    )


def test_the_table_names_no_route_that_is_gone() -> None:
    assert not set(ROUTES) - {route.key for route in every_route()}


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


@pytest.fixture
def clients(world: World) -> dict[str, Client]:
    """A browser for each member, and one that nobody is signed in with."""
    found = {"": Client(raise_request_exception=False)}
    for name in EVERYONE:
        found[name] = Client(raise_request_exception=False)
        found[name].force_login(getattr(world.cast, name))
    return found


@pytest.mark.parametrize("part", PARTS)
def test_each_member_is_answered_or_refused_as_the_table_says(
    part: str, world: World, clients: dict[str, Client]
) -> None:
    wrong = []
    for found in every_route():
        route = known(found) if part_of(found) == part else None
        if route is not None:
            url = address(found, route, world)
            for method in found.methods or route.methods:
                for who, client in clients.items():
                    answer = call(client, method, url + route.query)
                    fault = fault_of(answer, who, method, route)
                    if fault:
                        wrong.append(f"{found.key}: {method} {url} as {who or 'nobody'}: {fault}")
    assert not wrong, "\n".join(wrong)


def address(found: Found, route: Route, world: World) -> str:
    if is_admin(found):
        return f"/{admin_path(found)}"
    if found.key == found.pattern:
        return f"/{found.pattern}"
    return reverse(found.key, kwargs=route.arguments(world))


def admin_path(found: Found) -> str:
    """The route for the first row of its model, or for a key that no row has."""
    parts = found.pattern.split("/")
    models = {f"{m._meta.app_label}/{m._meta.model_name}": m for m in admin.site._registry}
    model = models.get("/".join(parts[1:3]))
    row = model._default_manager.first() if model else None
    key = str(row.pk) if row else "1"
    placed = found.pattern.replace("<path:object_id>", key).replace("<id>", key)
    placed = placed.replace("<path:content_type_id>", "1").replace("(?P<url>.*)$", "nowhere/")
    return re.sub(r"\^\(\?P<app_label>(\w+).*", r"\1/", placed)


def call(client: Client, method: str, url: str) -> Any:
    """The answer; what was written is taken back, and the sign-in kept."""
    cookies: Any = client.cookies.copy()
    with transaction.atomic():
        answer = client.generic(method.upper(), url, "{}", content_type="application/json")
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def fault_of(answer: Any, who: str, method: str, route: Route) -> str:
    status = answer.status_code
    if status >= 500:
        return f"{status}"
    if not who:
        expected = {route.signed_out, *({302} if route.signed_out == 200 else ())}
        expected |= set() if method in READS else {400, 405}
        return "" if status in expected else f"{status}, not {route.signed_out}"
    if who not in route.seen_by:
        return "" if status == route.others else f"{status}, not {route.others}"
    if method in READS:
        return (
            ""
            if is_answer(answer) or status in route.also
            else f"{status} {answer.get('Location', '')}"
        )
    return f"{status}" if status in {401, 404} else ""


def is_answer(answer: Any) -> bool:
    """Whether a reader got the page, or was sent on to another that is not the sign-in."""
    if answer.status_code in {301, 302, 303}:
        sign_in = resolve_url(settings.LOGIN_URL)
        return not answer["Location"].startswith(f"{sign_in}?next=")
    return bool(answer.status_code == 200)
