"""What the tables of one import share."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from accounts.models import Company, Membership
from periods import Calendar
from pipeline.bulk import BulkWriter
from pipeline.importers.references import References
from pipeline.importers.report import Report

_ALWAYS = date.min


@dataclass
class Teams:
    """Who belonged to which team when, by person: (from, until, team), oldest first."""

    spans: dict[int, list[tuple[date, date | None, int]]] = field(default_factory=dict)
    new: dict[tuple[int, int], date | None] = field(default_factory=dict)
    """Memberships (person, team) that are still to be written; None: beginning not known."""

    @classmethod
    def load(cls) -> Teams:
        teams = cls()
        rows = Membership.objects.order_by("start").values_list("user", "start", "end", "team")
        for user, start, end, team in rows:
            teams.spans.setdefault(user, []).append((start, end, team))
        return teams

    def join(self, person: int, team: int, start: date | None) -> None:
        """From `start` on, or (undated) as long as anything is known."""
        spans = self.spans.setdefault(person, [])
        spans.append((start or _ALWAYS, None, team))
        spans.sort(key=lambda span: span[0])
        self.new[person, team] = start

    def leave(self, person: int, team: int, end: date) -> None:
        """The running membership of a team ends before `end`."""
        self.new.pop((person, team), None)
        self.spans[person] = [
            (start, end if place == team and until is None else until, place)
            for start, until, place in self.spans[person]
        ]

    def present(self, person: int) -> int | None:
        """The team that a person has not left."""
        running = [team for _start, end, team in self.spans.get(person, []) if end is None]
        return running[-1] if running else None

    def at(self, person: int, day: date) -> int | None:
        """The team that a person belonged to on a day."""
        spans = self.spans.get(person, [])
        for _start, end, team in reversed(spans[: bisect_right(spans, day, key=lambda s: s[0])]):
            if end is None or end > day:
                return team
        return None


@dataclass
class Session:
    """One import: its transaction's writer, the company it is for, and what it has learned."""

    bulk: BulkWriter
    company: Company
    calendar: Calendar
    currency: str
    references: References
    report: Report
    teams: Teams
    process_id: int | None = None
    first_day: date | None = None
    told: tuple[str, ...] = ()
    """The columns of a deal, besides its stage, that the history in this import tells."""

    def work_in(self, process_id: int) -> None:
        """Stages that are named without their process are this one's."""
        self.process_id = process_id
        self.references.process_id = process_id
        self.references.forget("stage")

    @property
    def now(self) -> datetime:
        return self.bulk.moment

    @property
    def today(self) -> date:
        return self.calendar.business_day(self.now)

    def day_of(self, value: date | datetime) -> date:
        """The business day of an instant; a day is one already."""
        return self.calendar.business_day(value) if isinstance(value, datetime) else value

    def learn_days(self, *columns: pd.Series[Any]) -> None:
        """Note the earliest day that the import knows anything of."""
        known = [value for column in columns for value in column if value is not None]
        if known:
            first = self.day_of(min(known))
            self.first_day = min(first, self.first_day or first)

    def teams_at(self, people: Iterable[Any], days: Iterable[Any]) -> Sequence[int | None]:
        """Each person's team on a day (or instant); today's where the day is not known."""
        known: dict[tuple[Any, Any], int | None] = {}
        found = []
        for person, day in zip(people, days, strict=True):
            key = (person, day)
            if key not in known:
                known[key] = self._team_at(person, day)
            found.append(known[key])
        return found

    def _team_at(self, person: int | None, day: date | datetime | None) -> int | None:
        if person is None:
            return None
        return self.teams.at(person, self.today if day is None else self.day_of(day))

    @property
    def first_instant_sql(self) -> str:
        """SQL for the start of the first day that the import knows, or now without any."""
        if self.first_day is None:
            return "now()"
        return f"'{self.calendar.start_of(self.first_day).isoformat()}'::timestamptz"

    def start_sql(self, column: str) -> str:
        """SQL for the instant at which the day in `column` begins."""
        return f"({column}::timestamp AT TIME ZONE '{self.calendar.zone.key}')"


def objects(values: Iterable[Any], index: pd.Index[Any]) -> pd.Series[Any]:
    """A column of Python objects as they are: no guessing of numbers, None stays None."""
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return pd.Series(array, index=index, dtype=object)


def records(values: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Each row by the names of its fields."""
    for row in values.to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def numbered(base: str) -> Iterator[str]:
    """The name, then the name with 2, 3 and so on: for the first that is free."""
    yield base
    yield from (f"{base}-{number}" for number in count(2))


def mask(values: Iterable[Any], index: pd.Index[Any]) -> pd.Series[bool]:
    """A column of yes and no."""
    return pd.Series([bool(value) for value in values], index=index, dtype=bool)


def execute(statement: str, values: Sequence[Any] = ()) -> int:
    """Run SQL; answers how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return int(cursor.rowcount)


def query(statement: str) -> list[tuple[Any, ...]]:
    """The rows that SQL selects."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
