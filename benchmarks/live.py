"""From an edit to the new figure on somebody else's page, at twenty edits a second."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from statistics import quantiles
from typing import Any

from django.db import connection

from benchmarks.results import note
from benchmarks.serving import Visitor, person, web, worker
from kpis.drain import drain
from pipeline.actions.deals import edit_deal
from pipeline.models import Deal

EDITS, EDITS_A_SECOND, PATIENCE = 240, 20, 60.0
# How long a page gathers what it is told before it reads anew; see static/js/live.js.
GATHERING = 0.2
# Until the worker and every web process have done it once.
WARMING = 40
FIGURE = "/api/v1/kpis/won_revenue/?period={period}"
PERIOD = "this-year"


def measure(_rounds: int) -> None:
    """Print how long edits take to be seen, by somebody who reads again when told to."""
    while drain().marks:
        pass
    with web(processes=2) as site, worker():
        visitor = Visitor.named("finance", site)
        before = _figure(visitor)
        told = threading.Event()
        _start(_listen, Visitor.named("finance", site), told)
        edited: list[float] = []
        editor = _start(_edit, edited)
        seen = _watch(visitor, told, before)
        editor.join()
    taken = [(at - began) * 1000 for began, at in zip(edited, seen, strict=True)]
    taken = taken[WARMING:]
    half, most = quantiles(taken, n=20)[9], quantiles(taken, n=20)[18]
    print(f"{len(taken)} edits, {EDITS_A_SECOND} a second, to the new figure on another's page:")
    print(f"{'p50, p95, longest, milliseconds':48}{half:9.0f}{most:9.0f}{max(taken):9.0f}")
    note("an edit until seen by another, at 20 a second: p95", "ms", most)


def _edit(edited: list[float]) -> None:
    """Each edit makes a won deal's amount greater by one."""
    by = person("executive")
    won = list(Deal.objects.won().filter(currency="KRW").order_by("-closed_at")[:EDITS])
    began = time.perf_counter()
    for number, deal in enumerate(won):
        time.sleep(max(0.0, began + number / EDITS_A_SECOND - time.perf_counter()))
        amount = (deal.amount or Decimal(0)) + 1
        edit_deal(deal=deal, by=by, revision=deal.revision, changes={"amount": amount})
        edited.append(time.perf_counter())
    connection.close()


def _figure(visitor: Visitor) -> int:
    found = json.loads(visitor.get(FIGURE.format(period=PERIOD)))
    return int(Decimal(found["value"]))


def _start(target: Callable[..., None], *given: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=given, daemon=True)
    thread.start()
    return thread


def _listen(visitor: Visitor, told: threading.Event) -> None:
    """Note whenever the stream says that deals changed."""
    stream = http.client.HTTPConnection("127.0.0.1", visitor.connection.port, timeout=PATIENCE)
    stream.request("GET", "/events/", headers={"Cookie": visitor.cookie})
    response = stream.getresponse()
    while line := response.readline():
        if line.startswith(b"data:") and b"deal" in line:
            told.set()


def _watch(visitor: Visitor, told: threading.Event, before: int) -> list[float]:
    """When each edit was in the figure, which is read as an open page does when it is told."""
    seen: list[float] = []
    deadline = time.perf_counter() + EDITS / EDITS_A_SECOND + PATIENCE
    while len(seen) < EDITS and time.perf_counter() < deadline:
        if not told.wait(PATIENCE):
            break
        time.sleep(GATHERING)
        told.clear()
        shown = _figure(visitor) - before
        seen.extend([time.perf_counter()] * (shown - len(seen)))
    if len(seen) != EDITS:
        raise AssertionError(f"{len(seen)} of {EDITS} edits were seen.")
    return seen
