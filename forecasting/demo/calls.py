"""Weekly submissions of the demo's reps and what their leads made of them, written at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import numpy as np
import pandas as pd

from accounts.models import Company
from forecasting.demo.occasions import Sellers, closings, reviews, submissions
from forecasting.demo.sayings import adjusted, submitted
from forecasting.demo.standing import standing
from forecasting.demo.temperaments import draw_traits
from forecasting.models import Adjustment, Deadline, Submission
from forecasting.models.deadlines import Weekday
from pipeline.bulk import BulkWriter, bulk_writing
from pipeline.demo.plan import Plan
from pipeline.demo.timeline import Ints

_SUBMITTED = ("commit", "best_case", "note", "base_closed", "base_commit", "base_best_case")
_ADJUSTED = ("column", "number", "value", "base", "reason")


def add_calls(plan: Plan, *, say: Callable[[str], None]) -> None:
    """Write what the demo company of this plan called in its last quarters, and by when its
    people are asked to; nothing twice.

    The same plan gives the same calls.
    """
    sellers = Sellers.load()
    if Submission.objects.exists() or not len(sellers.people):
        return
    dice = plan.random("calls")
    traits = draw_traits(dice, len(sellers.people))
    asked = submissions(plan, dice, sellers, traits)
    replaced = reviews(plan, dice, sellers, traits, asked)
    with bulk_writing() as writer:
        said, heard, came = _stood(plan, sellers, [asked, replaced, closings(plan, sellers)])
        said = submitted(plan, dice, traits, said, came)
        heard = adjusted(dice, traits, heard, said)
        _write(writer, Submission, plan, sellers, said)
        _write(writer, Adjustment, plan, sellers, heard)
    Deadline.objects.create(weekday=Weekday.WEDNESDAY, time=time(18), since=plan.until)
    say(f"{Submission._meta.verbose_name_plural}: {len(said):,}")
    say(f"{Adjustment._meta.verbose_name_plural}: {len(heard):,}")


def _stood(plan: Plan, sellers: Sellers, frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """The frames with what the system said at each of their rows."""
    whole = pd.concat(frames, ignore_index=True)
    found = standing(plan, Company.current().currency, whole, sellers.people.tolist())
    ends = np.cumsum([len(each) for each in frames]).tolist()
    starts = [0, *ends[:-1]]
    return [
        found.iloc[start:end].reset_index(drop=True)
        for start, end in zip(starts, ends, strict=True)
    ]


def _write(
    writer: BulkWriter,
    model: type[Submission] | type[Adjustment],
    plan: Plan,
    sellers: Sellers,
    rows: pd.DataFrame,
) -> None:
    rows = rows.sort_values(["at", "person"], kind="stable")
    quarter: Ints = rows["quarter"].to_numpy()
    columns: dict[str, Any] = {
        "start": np.array([each.start for each in plan.quarters], dtype=object)[quarter],
        "end": np.array([each.end for each in plan.quarters], dtype=object)[quarter],
        "at": pd.to_datetime(rows["at"], unit="s", utc=True).to_numpy(dtype=object),
        "user": sellers.people[rows["person"].to_numpy()],
        "team": rows["team"].to_numpy(),
    }
    if model is Adjustment:
        columns["author"] = rows["team"].map(sellers.leads).to_numpy()
    for name in _SUBMITTED if model is Submission else _ADJUSTED:
        columns[name] = rows[name].to_numpy()
    writer.copy_rows(model, list(columns), pd.DataFrame(columns))
