"""The `touching` declaration: a trigger that says which figures a change may have moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pgtrigger
from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model)

MARKS_TABLE = "pipeline_touched"


def touching(
    *, owner: str = "", team: str = "", customer: str = "", instants: tuple[str, ...] = ()
) -> Callable[[type[ModelT]], type[ModelT]]:
    """Leave a mark for the old and the new state of every changed row.

    `owner` and `team` name the columns that figures are credited to, `customer` the one whose
    other rows a change may reach, `instants` those that date the row. Without any of them the
    mark stands for every scope and period of that fact.
    """

    def declare(model: type[ModelT]) -> type[ModelT]:
        pgtrigger.register(_trigger(model, (owner, team, customer), instants))(model)
        return model

    return declare


def _trigger(
    model: type[models.Model], credited: tuple[str, ...], instants: tuple[str, ...]
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="mark_touched",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_TRIGGER_BODY.format(
            table=MARKS_TABLE,
            fact=model._meta.model_name,
            old=_mark("OLD", credited, instants),
            new=_mark("NEW", credited, instants),
        ),
    )


def _mark(state: str, credited: tuple[str, ...], instants: tuple[str, ...]) -> str:
    columns = [f"{state}.{column}" if column else "NULL" for column in credited]
    dates = ", ".join(f"{state}.{column}::timestamptz" for column in instants)
    return f"{', '.join(columns)}, array_remove(ARRAY[{dates}]::timestamptz[], NULL)"


_TRIGGER_BODY = """
IF TG_OP <> 'INSERT' THEN
    INSERT INTO {table} (fact, owner_id, team_id, customer_id, instants)
        VALUES ('{fact}', {old});
END IF;
IF TG_OP <> 'DELETE' THEN
    INSERT INTO {table} (fact, owner_id, team_id, customer_id, instants)
        VALUES ('{fact}', {new});
END IF;
RETURN NULL;
"""
