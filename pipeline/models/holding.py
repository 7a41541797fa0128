"""The `held` declaration: a trigger that lets nobody move a closed period unnoticed.

It stands below everything that writes: actions, settings, imports' updates, deletions, plain SQL.
Which days a change concerns say the functions `pipeline_days_of_…` of the migrations.
"""

from __future__ import annotations

from typing import TypeVar

import pgtrigger
from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model)

# The error's code, and its detail the codes of the periods.
REFUSED = "SD001"
# Any number that nothing else locks by: who closes a period waits for changes on their way.
LOCK = 0xC105E


_held: list[type[models.Model]] = []


def held_models() -> tuple[type[models.Model], ...]:
    """The facts whose changes may move a closed period."""
    return tuple(_held)


def held(model: type[ModelT]) -> type[ModelT]:
    """Changes of this fact that move a closed period need a reason, which is kept."""
    _held.append(model)
    table = model._meta.db_table
    pgtrigger.register(
        pgtrigger.Trigger(
            name="hold_closed",
            level=pgtrigger.Row,
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            declare=[("before", f"{table}%ROWTYPE"), ("after", f"{table}%ROWTYPE")],
            func=_BODY.format(fact=model._meta.model_name, lock=LOCK),
        )
    )(model)
    return model


_BODY = """
PERFORM pg_advisory_xact_lock_shared({lock});
IF NOT EXISTS (SELECT FROM pipeline_closing WHERE reopened_at IS NULL) THEN
    RETURN NULL;
END IF;
IF TG_OP <> 'INSERT' THEN before := OLD; END IF;
IF TG_OP <> 'DELETE' THEN after := NEW; END IF;
PERFORM pipeline_hold('{fact}', pipeline_days_of_{fact}(before, after));
RETURN NULL;
"""
