"""What happened to a deal or a lead, newest first: changes and contacts in one list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from pipeline.changes import Change, FieldChange, Passed, changes_of
from pipeline.models import Activity, Deal, Lead, Tick

# They follow from another change of the same version, which says more.
IMPLIED = frozenset(
    {"outcome", "closed_at", "created_at", "amount_estimated", "converted_at", "team"}
)
# What a new row started with is on the page already, these apart.
WORTH_TELLING = frozenset({"stage", "amount", "status", "source"})


@dataclass(frozen=True)
class Entry:
    """One thing that happened: an activity, a tick, or a change with the fields that it touched.

    `reason` says why somebody changed what belongs to a closed period, `passed` why a deal moved on
    although something was not ticked.
    """

    at: datetime
    person: User | None
    activity: Activity | None = None
    created: bool = False
    fields: list[FieldChange] = field(default_factory=list)
    reason: str = ""
    tick: Tick | None = None
    passed: Passed | None = None

    @property
    def tells_something(self) -> bool:
        """Whether there is anything to read about a change."""
        return bool(self.created or self.fields or self.reason or self.passed)


def timeline_of(row: Deal | Lead, *, until: datetime) -> list[Entry]:
    """Everything known to have happened until an instant, in a fixed count of queries."""
    activities = row.activities.select_related("person")
    entries = [Entry(each.at, each.person, activity=each) for each in activities]
    if isinstance(row, Deal):
        ticks = row.ticks.select_related("criterion", "by")
        entries += [Entry(each.at, each.by, tick=each) for each in ticks]
    entries += [entry for entry in map(_entry, changes_of(row)) if entry.tells_something]
    entries = [entry for entry in entries if entry.at <= until]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _entry(change: Change) -> Entry:
    told = [each for each in change.fields if each.name not in IMPLIED]
    if change.created:
        told = [each for each in told if each.name in WORTH_TELLING and each.after is not None]
    return Entry(
        change.at, change.by, None, change.created, told, change.reason, passed=change.passed
    )
