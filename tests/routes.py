"""Every route of the product: how to call it, and who is to be answered.

Whoever adds a route adds a line here, in the table of its part. A name is the route's own with
its namespaces, `dashboards:language`; a route without one stands under its pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db import models

from tests.world import World

EVERYONE = frozenset(["eunji", "finn", "sam", "rho", "lee", "park", "minsu", "jiwoo", "bora"])
WHOLE_COMPANY = frozenset(["eunji", "finn", "sam"])
STAFF = frozenset({"sam"})
SEES_MINSU = WHOLE_COMPANY | {"rho", "lee", "minsu"}
SELLERS = EVERYONE - {"finn"}
LEADS_MINSU = WHOLE_COMPANY | {"rho", "lee"}
GOAL_SETTERS = LEADS_MINSU | {"park"}

Arguments = dict[str, Any]


def no_arguments(_world: World) -> Arguments:
    return {}


def key_of(name: str, argument: str = "pk") -> Callable[[World], Arguments]:
    """The primary key of one of the world's rows, or of a part of its cast."""

    def arguments(world: World) -> Arguments:
        row: models.Model = getattr(world, name)
        return {argument: row.pk}

    return arguments


@dataclass(frozen=True)
class Route:
    """`seen_by` get an answer; `others` says how the rest are refused, and the signed-out.

    An answer to a reader is 200, a redirect, or a status in `also`.
    """

    seen_by: frozenset[str] = EVERYONE
    arguments: Callable[[World], Arguments] = no_arguments
    others: int = 404
    signed_out: int = 302
    methods: tuple[str, ...] = ("get",)
    query: str = ""
    also: Collection[int] = ()


GOAL = Route(seen_by=LEADS_MINSU, arguments=key_of("goal"))


def _pages_of(
    name: str, *, forms: tuple[str, ...], presses: tuple[str, ...] = ()
) -> dict[str, Route]:
    """An object's page; its forms, refused to those who only look; the buttons it has."""
    page = Route(seen_by=SEES_MINSU, arguments=key_of(name))
    return {
        f"pipeline:{name}": page,
        **{f"pipeline:{name}-{form}": replace(page, also={403}) for form in forms},
        **{f"pipeline:{name}-{press}": replace(page, methods=("post",)) for press in presses},
    }


PAGES = {
    "dashboards:home": Route(),
    "dashboards:cohorts": Route(),
    "dashboards:sparks": Route(query="?kpi=open_pipeline&kpi=cac"),
    "dashboards:panels": Route(query="?panel=tiles&panel=trend"),
    "dashboards:panel": Route(arguments=lambda _world: {"key": "tiles"}),
    "dashboards:explain": Route(arguments=lambda _world: {"key": "won_revenue"}),
    "dashboards:waterfall": Route(arguments=lambda _world: {"step": "won"}),
    "dashboards:language": Route(methods=("post",)),
    "dashboards:goals": Route(),
    "dashboards:goal-scorecard": Route(),
    **dict.fromkeys(
        ("dashboards:goal-new", "dashboards:goal-check"), Route(seen_by=GOAL_SETTERS, others=403)
    ),
    **dict.fromkeys(("dashboards:goal", "dashboards:goal-edit", "dashboards:goal-split"), GOAL),
    "dashboards:goal-thread": Route(query="?kpi=won_revenue"),
    "dashboards:goal-comments": Route(methods=("post",), also={400}),
    **dict.fromkeys(
        ("dashboards:goal-comment", "dashboards:goal-comment-delete"),
        Route(
            seen_by=frozenset({"lee"}),
            arguments=key_of("comment"),
            methods=("post",),
            also={400, 422},
        ),
    ),
    "dashboards:goal-delete": replace(GOAL, methods=("post",)),
    "pipeline:board": Route(),
    "pipeline:eight-steps": Route(seen_by=STAFF, others=403, methods=("post",)),
    "pipeline:deals": Route(),
    "pipeline:leads": Route(),
    "pipeline:customers": Route(),
    "pipeline:search": Route(query="?q=han"),
    "pipeline:faults": Route(),
    "pipeline:fault": Route(arguments=lambda _world: {"key": "deal-overdue"}),
    "pipeline:customer-options": Route(query="?q=han"),
    **dict.fromkeys(
        ("pipeline:deal-new", "pipeline:lead-new", "pipeline:customer-new"),
        Route(seen_by=SELLERS, others=403),
    ),
    **_pages_of(
        "deal",
        forms=("edit", "next-step", "lines", "criteria", "process"),
        presses=("move", "tick", "category", "reassign", "activity"),
    ),
    **_pages_of("lead", forms=("edit", "convert"), presses=("status", "activity")),
    **_pages_of("customer", forms=("edit",)),
}

OPEN = Route(signed_out=200)
SENT_ON = Route()
NO_SECOND_FACTOR = Route(also={404})
NO_PROVIDER = Route(arguments=lambda _world: {"provider_id": "none"}, signed_out=404, also={404})

SIGN_IN = {
    "account_login": OPEN,
    "account_logout": replace(OPEN, methods=("get", "post")),
    "account_inactive": OPEN,
    "account_signup": OPEN,
    "account_reauthenticate": SENT_ON,
    # Staff say which address is somebody's.
    "account_email": Route(also={404}),
    "accounts/email/": Route(also={404}),
    "account_email_verification_sent": OPEN,
    "account_change_password": SENT_ON,
    "account_set_password": SENT_ON,
    "account_reset_password": OPEN,
    "account_confirm_login_code": SENT_ON,
    "account_confirm_email": Route(
        arguments=lambda _world: {"key": "x"}, signed_out=400, also={400}
    ),
    "account_reset_password_done": OPEN,
    "account_reset_password_from_key": replace(
        OPEN, arguments=lambda _world: {"uidb36": "1", "key": "x"}
    ),
    "account_reset_password_from_key_done": OPEN,
    "mfa_index": SENT_ON,
    "mfa_authenticate": SENT_ON,
    "mfa_reauthenticate": SENT_ON,
    "mfa_activate_totp": SENT_ON,
    "mfa_deactivate_totp": NO_SECOND_FACTOR,
    "mfa_view_recovery_codes": NO_SECOND_FACTOR,
    "mfa_generate_recovery_codes": SENT_ON,
    "mfa_download_recovery_codes": NO_SECOND_FACTOR,
    "socialaccount_login_cancelled": OPEN,
    "socialaccount_login_error": Route(also={401}),
    "openid_connect_login": NO_PROVIDER,
    "openid_connect_callback": NO_PROVIDER,
    "socialaccount_signup": SENT_ON,
    "socialaccount_connections": SENT_ON,
    "accounts/social/login/cancelled/": SENT_ON,
    "accounts/social/login/error/": SENT_ON,
    "accounts/social/signup/": SENT_ON,
    "accounts/social/connections/": SENT_ON,
}

FOR_MACHINES = {
    "alive": OPEN,
    "ready": OPEN,
    "metrics": OPEN,
}

SETTING_UP = {
    # There is one while nobody is here.
    "welcome": Route(signed_out=404, also={404}),
    "outbox": Route(seen_by=STAFF, others=403),
    "dashboards:recomputation": Route(seen_by=STAFF, others=403),
    **dict.fromkeys(
        ("dashboards:recomputation-stop", "dashboards:recomputation-resume"),
        Route(seen_by=STAFF, others=403, methods=("post",)),
    ),
}

API = Route(signed_out=401)


def _resource(name: str, row: str, seen_by: frozenset[str], *actions: str) -> dict[str, Route]:
    """A list, its rows, and actions on one row."""
    one = replace(API, seen_by=seen_by, arguments=key_of(row))
    rows = {f"{name}-{action}": one for action in ("detail", *actions)}
    return {f"{name}-list": API, **rows}


def _upsert(name: str, seen_by: frozenset[str]) -> dict[str, Route]:
    route = replace(API, seen_by=seen_by, arguments=lambda _world: {"external_id": "X"})
    return {f"{name}-upsert": route}


def _costs() -> dict[str, Route]:
    routes = _resource("cost", "cost", WHOLE_COMPANY, "history") | _upsert("cost", WHOLE_COMPANY)
    return {
        name: replace(route, seen_by=WHOLE_COMPANY, others=403) for name, route in routes.items()
    }


FACTS_API = {
    "api-schema": API,
    "api-docs": API,
    "faults": API,
    "fault": replace(API, arguments=lambda _world: {"key": "deal-overdue"}),
    "fault-mend": replace(
        API, arguments=lambda _world: {"key": "deal-overdue"}, methods=("post",), also={400, 403}
    ),
    **_resource("deal", "deal", SEES_MINSU, "history", "lines", "move", "reassign", "reopen"),
    **_resource("deal", "deal", SEES_MINSU, "criteria", "tick", "process"),
    **_upsert("deal", SEES_MINSU),
    **_resource("lead", "lead", SEES_MINSU, "history", "convert", "reassign"),
    **_upsert("lead", SEES_MINSU),
    **_resource("customer", "customer", SEES_MINSU, "history"),
    **_upsert("customer", SEES_MINSU),
    **_resource("activity", "activity", SEES_MINSU),
    **_upsert("activity", SEES_MINSU),
    **_resource("contract", "contract", SEES_MINSU, "history"),
    **_upsert("contract", SEES_MINSU),
    **_costs(),
    **_resource("rate", "rate", EVERYONE),
    "rate-on-day": replace(API, arguments=lambda _world: {"currency": "USD", "day": "2026-01-02"}),
    **_resource("goal", "goal", LEADS_MINSU, "history", "smart"),
    "goal-check": API,
    **_upsert("goal", LEADS_MINSU),
    **_resource("closing", "closing", EVERYONE, "reopen"),
    "team-list": API,
    "team-detail": replace(
        API,
        seen_by=SEES_MINSU | {"jiwoo"},
        arguments=lambda world: {"pk": world.cast.teams["seoul-1"].pk},
    ),
    "user-list": API,
    "user-detail": replace(
        API, seen_by=SEES_MINSU, arguments=lambda world: {"pk": world.cast.minsu.pk}
    ),
    "stage-list": API,
    "stage-detail": replace(API, arguments=lambda world: {"pk": world.cast.stages[0].pk}),
    **_resource("criterion", "criterion", EVERYONE),
    **_resource("source", "source", EVERYONE),
    **_resource("product", "product", EVERYONE),
}

RULE = Route(seen_by=SEES_MINSU, arguments=key_of("rule"))

ALERTS = {
    "alerts:list": Route(),
    "alerts:new": Route(),
    "alerts:nudge": Route(methods=("post",), also={400}),
    "alerts:preview": Route(),
    "alerts:rule": RULE,
    "alerts:edit": RULE,
    "alerts:activate": replace(RULE, methods=("post",)),
    "alerts:delete": replace(RULE, methods=("post",)),
    "alerts:incidents": Route(),
    "alerts:count": Route(),
    "alerts:incident": Route(seen_by=SEES_MINSU, arguments=key_of("incident")),
    **_resource("alertrule", "rule", SEES_MINSU),
    **_upsert("alertrule", SEES_MINSU),
    "alerts:acknowledge": Route(
        seen_by=SEES_MINSU, arguments=key_of("incident"), methods=("post",)
    ),
    **_resource("incident", "incident", SEES_MINSU, "acknowledge"),
}

ONE_KPI = Route(arguments=lambda _world: {"key": "won_revenue"}, query="?by=team")
OWN_VIEW = Route(seen_by=frozenset({"minsu"}), arguments=key_of("view"))

EXPLORER = {
    "explorer:list": Route(),
    "explorer:reference": Route(),
    "explorer:step": Route(arguments=lambda _world: {"key": "decision"}),
    "explorer:kpi": ONE_KPI,
    "explorer:table": ONE_KPI,
    "explorer:trend": ONE_KPI,
    "explorer:save": ONE_KPI,
    "explorer:view": replace(OWN_VIEW, seen_by=SEES_MINSU | {"jiwoo"}),
    "explorer:edit": OWN_VIEW,
    "explorer:delete": replace(OWN_VIEW, methods=("post",)),
}

KPI_API = {
    "cohorts": replace(
        API, arguments=lambda _world: {"kind": "retention"}, query="?period=2026-Q1"
    ),
    "funnel": API,
    **_resource("comment", "comment", LEADS_MINSU),
    **_resource("savedview", "view", SEES_MINSU | {"jiwoo"}),
    "waterfall": replace(API, query="?closing=2026-Q1"),
    "waterfall-records": replace(API, query="?closing=2026-Q1&step=won"),
    "forecast-model": API,
    "forecast-model-deals": API,
    "forecast-accuracy": API,
    "forecast-changes": API,
    "forecast-call-changes": API,
    "kpis": API,
    "kpi": replace(API, arguments=lambda _world: {"key": "won_revenue"}, query="?period=2026-Q1"),
    "kpi-records": replace(
        API, arguments=lambda _world: {"key": "won_revenue"}, query="?period=2026-Q1"
    ),
}

OWN_SCENARIO = Route(seen_by=frozenset({"minsu"}), arguments=key_of("scenario"))
SHARED_SCENARIO = replace(OWN_SCENARIO, seen_by=SEES_MINSU | {"jiwoo"})

FORECAST = {
    "forecasting:what-if": Route(),
    "forecasting:scenarios": Route(also={400}),
    "forecasting:scenario-new": Route(),
    "forecasting:scenario": SHARED_SCENARIO,
    "forecasting:scenario-edit": OWN_SCENARIO,
    "forecasting:scenario-duplicate": replace(SHARED_SCENARIO, methods=("post",)),
    "forecasting:scenario-delete": replace(OWN_SCENARIO, methods=("post",), also={400}),
    "forecast-what-if": replace(API, methods=("post",)),
    **_resource("scenario", "scenario", SEES_MINSU | {"jiwoo"}, "duplicate"),
    "scenario-restore": replace(
        API, seen_by=frozenset(), arguments=key_of("scenario"), methods=("post",)
    ),
    "forecasting:forecast": Route(),
    "forecasting:model": Route(),
    "forecasting:accuracy": Route(),
    "forecasting:changes": Route(),
    "forecasting:changes-line": Route(),
    "forecasting:cell": Route(),
    "forecasting:submit": Route(methods=("post",), also={422}),
    "forecasting:adjust": Route(methods=("post",), also={422}),
    "forecasting:deal": Route(
        seen_by=SEES_MINSU, arguments=key_of("deal"), methods=("post",), also={403, 409, 422}
    ),
    "pipeline:contract-new": Route(
        seen_by=frozenset({"finn"}),
        others=403,
        arguments=key_of("customer"),
        methods=("get", "post"),
        also={422},
    ),
    "pipeline:contract-edit": Route(
        seen_by=frozenset({"finn"}),
        others=403,
        arguments=key_of("contract"),
        methods=("get", "post"),
        also={422},
    ),
    "forecasting:revenue": Route(seen_by=WHOLE_COMPANY, others=403),
    "forecasting:revenue-rows": Route(seen_by=WHOLE_COMPANY, others=403, query="?line=scheduled"),
    "forecasting:revenue-contract": Route(
        seen_by=WHOLE_COMPANY, others=403, arguments=key_of("contract")
    ),
    "forecast": API,
    "forecast-history": API,
    "forecast-deadlines": API,
    "forecast-nudges": replace(API, methods=("post",), also={400}),
    "forecast-revenue": replace(API, seen_by=WHOLE_COMPANY, others=403),
    "forecast-revenue-reconciliation": replace(API, seen_by=WHOLE_COMPANY, others=403),
    "forecast-revenue-rows": replace(
        API, seen_by=WHOLE_COMPANY, others=403, query="?line=scheduled"
    ),
    **_resource("submission", "submission", SEES_MINSU),
    **_resource("adjustment", "adjustment", SEES_MINSU),
}

ROUTES = {
    **PAGES,
    **SIGN_IN,
    **FOR_MACHINES,
    **SETTING_UP,
    **FACTS_API,
    **ALERTS,
    **EXPLORER,
    **KPI_API,
    **FORECAST,
}


# The admin's own routes need no line: they are staff's alone, and are called for the first row.
PLAIN_ADMIN = ("index", "_changelist", "_change")


def admin_route(name: str) -> Route:
    """How one of the admin's routes answers staff; some of them only refuse."""
    refuses = not name.endswith(PLAIN_ADMIN)
    return Route(seen_by=STAFF, others=403, also={403, 404, 405} if refuses else set())
