"""The demo company at some size, with everything stored and the planner informed."""

from __future__ import annotations

import time
from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from history import version_model
from kpis.drain import drain
from kpis.storage.keeping import EVER, fill
from pipeline.models import Deal


def prepare(deals: int) -> None:
    """Seed where there is nothing yet; fill what is not stored."""
    call_command("prepare", stdout=StringIO(), stderr=StringIO())
    if not Deal.objects.exists():
        began = time.perf_counter()
        call_command("seed_demo", deals=deals, seed=1, stdout=StringIO())
        print(f"seed_demo --deals {deals}: {time.perf_counter() - began:.0f} s")
    while drain().marks:
        pass
    began = time.perf_counter()
    filled = sum(len(each.spans) for each in fill(at=timezone.now(), before=EVER))
    if filled:
        print(f"filling {filled} months and weeks: {time.perf_counter() - began:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{Deal.objects.count()} deals, {version_model(Deal).objects.count()} versions\n")
