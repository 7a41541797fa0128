"""What one edit, or twenty, cost until their figures are stored."""

from __future__ import annotations

from statistics import quantiles

from django.db.models import F

from benchmarks.timing import milliseconds
from kpis.drain import drain
from pipeline.models import Deal


def measure(rounds: int) -> None:
    """Print the time of draining, which brings leaves, teams and company up to date."""
    while drain().marks:
        pass
    for edits in (1, 20):
        times = [_drained_after(edits, start) for start in range(3 * rounds)]
        half, most = quantiles(times, n=20)[9], quantiles(times, n=20)[18]
        print(f"draining {edits} edited won deals: p50 {half:.0f} ms, p95 {most:.0f} ms")


def _drained_after(edits: int, start: int) -> float:
    won = Deal.objects.won().order_by("-closed_at").values_list("pk", flat=True)
    for pk in list(won[start * edits : (start + 1) * edits]):
        Deal.objects.filter(pk=pk).update(amount=F("amount") + 1)
    return milliseconds(drain)
