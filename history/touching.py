"""The `touching` declaration: a trigger that says which figures a change may have moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

import pgtrigger
from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model)

MARKS_TABLE = "pipeline_touched"


def touching(
    *,
    owner: str = "",
    team: str = "",
    customer: str = "",
    instants: tuple[str, ...] = (),
    shown_with: Mapping[str, str] = MappingProxyType({}),
) -> Callable[[type[ModelT]], type[ModelT]]:
    """Leave a mark for the old and the new state of every changed row.

    `owner` and `team` name the columns that figures are credited to, `customer` the one whose
    other rows a change may reach, `instants` those that date the row. Without any of them the
    mark stands for every scope and period of that fact. `shown_with` are the columns that name a
    row of another table, whose owner and team see this one too: they get a mark of their own.
    """

    def declare(model: type[ModelT]) -> type[ModelT]:
        pgtrigger.register(_trigger(model, (owner, team, customer), instants, shown_with))(model)
        return model

    return declare


def _trigger(
    model: type[models.Model],
    credited: tuple[str, ...],
    instants: tuple[str, ...],
    shown_with: Mapping[str, str],
) -> pgtrigger.Trigger:
    fact = str(model._meta.model_name)
    return pgtrigger.Trigger(
        name="mark_touched",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_TRIGGER_BODY.format(
            table=MARKS_TABLE,
            fact=fact,
            old=_mark("OLD", credited, instants),
            new=_mark("NEW", credited, instants),
            beside_old=_beside("OLD", fact, shown_with),
            beside_new=_beside("NEW", fact, shown_with),
        ),
    )


def _mark(state: str, credited: tuple[str, ...], instants: tuple[str, ...]) -> str:
    columns = [f"{state}.{column}" if column else "NULL" for column in credited]
    dates = ", ".join(f"{state}.{column}::timestamptz" for column in instants)
    return f"{', '.join(columns)}, array_remove(ARRAY[{dates}]::timestamptz[], NULL)"


def _beside(state: str, fact: str, shown_with: Mapping[str, str]) -> str:
    """Without instants: the row's own mark has them."""
    each = (
        _BESIDE.format(marks=MARKS_TABLE, fact=fact, table=table, named=f"{state}.{column}")
        for column, table in shown_with.items()
    )
    return "".join(each)


_BESIDE = """
    INSERT INTO {marks} (fact, owner_id, team_id, instants)
        SELECT '{fact}', owner_id, team_id, '{{}}' FROM {table}
        WHERE id = {named} AND num_nonnulls(owner_id, team_id) > 0;"""
_TRIGGER_BODY = """
IF TG_OP <> 'INSERT' THEN
    INSERT INTO {table} (fact, owner_id, team_id, customer_id, instants)
        VALUES ('{fact}', {old});{beside_old}
END IF;
IF TG_OP <> 'DELETE' THEN
    INSERT INTO {table} (fact, owner_id, team_id, customer_id, instants)
        VALUES ('{fact}', {new});{beside_new}
END IF;
RETURN NULL;
"""
