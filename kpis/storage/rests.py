"""Which facts a statement rests on, read off its SQL, so that no declaration can be forgotten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import pgtrigger
from django.apps import apps

from history import version_model
from history.versioning import versioned_models
from pipeline.models import (
    Contract,
    ContractTerm,
    Deal,
    SalesProcess,
    Stage,
    StageArrival,
    StageVisit,
)
from pipeline.populations import Population

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


def rests_of_rows(population: Population) -> Rests:
    """What values that are stored by owner and team rest on."""
    own = frozenset({str(population.fact._meta.model_name)})
    return Rests(population.facts | _ALWAYS, own)


@lru_cache(maxsize=4096)
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
    # Told of the versions of deals.
    versions |= {
        model._meta.db_table: str(Deal._meta.model_name) for model in (StageArrival, StageVisit)
    }
    # Only a way from stage to stage.
    versions[SalesProcess._meta.db_table] = str(Stage._meta.model_name)
    # Views of contracts, by the day up to which automatic renewals are listed.
    versions |= {
        model._meta.db_table: str(Contract._meta.model_name)
        for model in (ContractTerm, version_model(ContractTerm))
    }
    return rows, versions
