"""A flow and a stock as of the end of last year, against the same ones now."""

from __future__ import annotations

from typing import Any

from django.test.utils import override_settings
from django.utils import timezone

from accounts.models import Company
from accounts.scope import home_scope
from benchmarks.results import note
from benchmarks.serving import person
from benchmarks.timing import in_turns
from kpis.evaluate import answer
from kpis.questions import Question

FLOW, STOCK = "won_revenue", "open_pipeline"


def measure(rounds: int) -> None:
    """Print both, computed from the facts and their versions."""
    at, viewer = timezone.now(), person("executive")
    calendar, scope = Company.current().calendar, home_scope(viewer)
    last_year = calendar.parse("last-year", at=at)
    quarter = last_year.split(calendar.parse("this-quarter", at=at).grain)[-1]
    now = calendar.parse("this-quarter", at=at)
    asked = {
        "flow now": Question(FLOW, scope, quarter),
        "flow as of last year": Question(FLOW, scope, quarter, as_of=last_year.ends_at),
        "stock now": Question(STOCK, scope, now),
        "stock as of last year": Question(STOCK, scope, quarter, as_of=last_year.ends_at),
    }

    def live(question: Question) -> Any:
        with override_settings(STORED_VALUES=False):
            return answer([question], viewer=viewer, at=at)

    ways = {name: lambda q=question: live(q) for name, question in asked.items()}
    # As in a request, which reads the company once.
    with Company.read_once():
        times = in_turns(ways, rounds)
    for name, taken in times.items():
        ratio = taken / times[f"{name.split()[0]} now"]
        print(f"{name:48}{taken:9.1f}{ratio:8.2f} ×")
        if "as of" in name:
            note(name, "×", ratio)
