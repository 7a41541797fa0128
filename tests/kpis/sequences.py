"""Sequences of edits, and every figure of the catalog before and after them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.scope import resolve
from history import as_recorded_at
from kpis.declarations import Basis
from kpis.evaluate import answer
from kpis.questions import Question
from kpis.registry import all_kpis
from pipeline.models import Product, Source
from tests.cast import Cast, make_cast, make_customer, seoul
from tests.kpis.edits import EDITS, FIRST_DAY, Edit, Scene

BEGAN = seoul(2025, 6, 1)
LATER = seoul(2026, 5, 4)


def make_company() -> Cast:
    """The cast as it has been for long, with some customers, sources and products."""
    with as_recorded_at(BEGAN):
        cast = make_cast()
        make_customer()
        make_customer("Saebyeok", industry="Retail", region="Busan")
        for slug in ("web", "fair"):
            Source.objects.create(slug=slug, name=slug)
        for name in ("Basic", "Pro"):
            Product.objects.create(name=name)
    return cast


def moment(number: int) -> datetime:
    """When the edits of a sequence happen: one every four days, from the new year on."""
    return seoul(FIRST_DAY.year, 1, 3, 10) + timedelta(days=4 * number)


def make(cast: Cast, sequence: Iterable[Edit], first: int = 0) -> None:
    for number, edit in enumerate(sequence, first):
        at = moment(number)
        with as_recorded_at(at):
            EDITS[edit.name](Scene(cast, edit, at))


def questions(
    cast: Cast, viewer: User, code: str, scope: str, split: int, **then: Any
) -> list[Question]:
    """Every KPI on every basis, whole and split by one thing of those that it offers."""
    period = cast.company.calendar.parse(code, at=LATER)
    whose = resolve(f"user:{cast.minsu.pk}" if scope == "user" else scope, viewer)
    return [
        Question(kpi.key, whose, period, basis.key, by=by, **then)
        for kpi in all_kpis().values()
        for basis in kpi.bases
        for by in ("", some_split(basis, split))
    ]


def some_split(basis: Basis, split: int) -> str:
    splits = ["month", *sorted(basis.dimensions)]
    return splits[split % len(splits)]


def figures(
    cast: Cast, code: str, scope: str, split: int, *, at: datetime, **then: Any
) -> dict[Any, Any]:
    # Who asks has just signed in: what they see is read anew.
    viewer = User.objects.get(pk=cast.eunji.pk)
    found = answer(questions(cast, viewer, code, scope, split, **then), viewer=viewer, at=at)
    return {
        (each.kpi.key, each.basis.key, each.question.by): (
            each.result,
            dict(each.parts),
            each.target,
            {(row.key, row.result) for row in each.rows},
        )
        for each in found
    }


def differing(then: dict[Any, Any], now: dict[Any, Any]) -> dict[Any, Any]:
    return {key: (then[key], now[key]) for key in then if then[key] != now[key]}
