"""What was known of a period when it closed, for comparison with what is known now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache, cached_property

from django.db import connection
from django.db.models import Model

from history import version_model
from history.versioning import versioned_models
from kpis.questions import Question
from periods import Period
from pipeline.models import Closing, Contract, ContractTerm
from pipeline.reading import Reading


class Closings:
    """The periods closed by somebody and not opened again, read once if they are asked for."""

    @cached_property
    def _rows(self) -> list[Closing]:
        return list(Closing.objects.in_force().order_by("closed_at"))

    @cached_property
    def _recorded_since(self) -> dict[str, datetime]:
        with connection.cursor() as cursor:
            cursor.execute(_first_versions())
            return dict(cursor.fetchall())

    def knew(self, fact: type[Model], moment: datetime) -> bool:
        """Whether a fact was being recorded by an instant, or was only loaded later."""
        since = self._recorded_since.get(kept_fact(fact)._meta.label)
        return since is not None and since <= moment

    def of(self, period: Period) -> datetime | None:
        """When a period was closed: itself, within a longer one, or by its parts; None if open."""
        whole = [row for row in self._rows if (row.start, row.end) == (period.start, period.end)]
        around = [row for row in self._rows if row.start <= period.start and row.end >= period.end]
        found = next(iter(whole or around), None)
        return found.closed_at if found else max(self._parts(period), default=None)

    def _parts(self, period: Period) -> Iterator[datetime]:
        """When each part of a period was closed; nothing where one of them is open."""
        found, day = [], period.start
        while day < period.end:
            part = next((row for row in self._rows if row.start <= day < row.end), None)
            if part is None:
                return
            found.append(part.closed_at)
            day = part.end
        yield from found


@cache
def _first_versions() -> str:
    """Since when each fact is recorded: by the oldest row of its history."""
    return " UNION ALL ".join(
        f"(SELECT '{model._meta.label}', recorded_from "
        f"FROM {version_model(model)._meta.db_table} ORDER BY id LIMIT 1)"
        for model in versioned_models()
    )


def closing_reading(question: Question, reading: Reading, closings: Closings) -> Reading | None:
    """How the figure was read when its period was closed, or else had ended.

    None where that says nothing. What became of a cohort later is no restatement: it is
    followed on purpose.
    """
    period = question.period
    asked = question.against_close and period.is_over(reading.at)
    if not asked or reading.as_of or question.declared_basis.is_followed:
        return None
    closed = closings.of(period)
    if closed is not None and closed <= reading.at:
        return replace(reading, at=closed, as_of=closed, known_at=closed)
    end = period.last_instant
    return replace(reading, at=period.ends_at, as_of=end, known_at=end)


def kept_fact(fact: type[Model]) -> type[Model]:
    """The fact whose history tells of this one's."""
    return Contract if fact is ContractTerm else fact
