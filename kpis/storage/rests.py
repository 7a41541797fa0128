"""Which facts a statement rests on, read off its SQL, so that no declaration can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pgtrigger
from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection

from history import version_model
from history.versioning import versioned_models
from pipeline.models import Contract, ContractTerm, SalesProcess, Stage
from pipeline.populations import Population, Rows

MARKING = "mark_touched"
_TABLE = re.compile(r'\b(?:FROM|JOIN) "(\w+)"')


@dataclass(frozen=True)
class Rests:
    """The facts that a statement reads, and those whose rows it reads in one place only.

    What it makes of such a row is its own affair: a change to it moves no other row.
    """

    facts: frozenset[str]
    once: frozenset[str]


# The teams' tree says what belongs to whom, whether or not a statement names it.
_ALWAYS = frozenset({"team"})


def read_union(selects: list[Rows]) -> tuple[list[tuple[Any, ...]], dict[int, Rests | None]]:
    """The rows of them all from one statement, and by their numbers what each rests on.

    The first column of each is its number. Those that can have no rows are left out.
    """
    if not selects:
        return [], {}
    union = selects[0].union(*selects[1:], all=True) if len(selects) > 1 else selects[0]
    try:
        text, parameters = union.query.sql_with_params()
    except EmptyResultSet:
        return [], {}
    rests, position = {}, 0
    for statement in statements_of(text):
        rests[parameters[position]] = rests_of(statement)
        position += statement.count("%s")
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return cursor.fetchall(), rests


def rests_of_rows(population: Population) -> Rests:
    """What values that are stored by owner and team rest on."""
    own = frozenset({str(population.fact._meta.model_name)})
    return Rests(population.facts | _ALWAYS, own)


def statements_of(union: str) -> Iterator[str]:
    """The statements that a UNION ALL of several joins, in their order."""
    depth = start = 0
    for found in re.finditer(r"[()]| UNION ALL ", union):
        if found.group() == "(":
            depth += 1
        elif found.group() == ")":
            depth -= 1
        elif depth == 0:
            yield union[start : found.start()]
            start = found.end()
    yield union[start:]


def rests_of(statement: str) -> Rests | None:
    """What a statement rests on; None where changes to some table leave no mark."""
    tables = _TABLE.findall(statement)
    rows, versions = _marked()
    if not rows.keys() | versions.keys() >= set(tables):
        return None
    named = [rows.get(table) or versions[table] for table in tables]
    once = {rows[table] for table in tables if table in rows}
    facts = _ALWAYS.union(named)
    return Rests(facts, frozenset(fact for fact in once if named.count(fact) == 1))


@cache
def _marked() -> tuple[dict[str, str], dict[str, str]]:
    """The facts whose changes leave marks, by the tables of their rows and of their versions."""
    marked = {
        model._meta.label for model, trigger in pgtrigger.registered() if trigger.name == MARKING
    }
    models = [model for model in apps.get_models() if model._meta.label in marked]
    past = set(versioned_models())
    rows = {model._meta.db_table: str(model._meta.model_name) for model in models}
    versions = {
        version_model(model)._meta.db_table: str(model._meta.model_name)
        for model in models
        if model in past
    }
    # Only a way from stage to stage.
    versions[SalesProcess._meta.db_table] = str(Stage._meta.model_name)
    # A view of contracts, by the day up to which automatic renewals are listed.
    versions[ContractTerm._meta.db_table] = str(Contract._meta.model_name)
    return rows, versions
