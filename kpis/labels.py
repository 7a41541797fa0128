"""What the parts of a split figure are called, read once for each dimension."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import Tree
from kpis.questions import GRAINS, Answer, Row
from periods.labels import short_label
from pipeline.models import DealKind, Product, SizeBand, Source, Stage

Names = Mapping[str, tuple[str, int]]


def label_rows(answers: Sequence[Answer], *, tree: Tree) -> list[Answer]:
    """The answers with the names of their rows, in the language of the page."""
    keys: dict[str, set[str]] = {}
    for answer in answers:
        keys.setdefault(answer.question.by, set()).update(row.key for row in answer.rows)
    names = {by: _names(by, found, tree) for by, found in keys.items() if by and by not in GRAINS}
    return [_labelled(answer, names) for answer in answers]


def _labelled(answer: Answer, names: Mapping[str, Names]) -> Answer:
    by = answer.question.by
    if not by:
        return answer
    if by in GRAINS:
        return replace(answer, rows=_timed(answer.rows))
    known = names[by]
    rows = [_named(row, known) for row in answer.rows]
    ordered = tuple(sorted(rows, key=lambda row: (row.position, row.label)))
    return replace(answer, rows=ordered, over_time=_timed(answer.over_time))


def _timed(rows: Sequence[Row]) -> tuple[Row, ...]:
    language = get_language() or "en"
    return tuple(
        replace(row, label=short_label(row.period, language)) if row.period else row for row in rows
    )


def _named(row: Row, names: Names) -> Row:
    label, position = names.get(row.key, (row.key or _("Not known"), 0))
    return replace(row, label=label, position=position, cells=_timed(row.cells))


def _names(dimension: str, keys: set[str], tree: Tree) -> Names:
    if dimension == "team":
        return {str(team.pk): (team.name, 0) for team in tree.teams.values()}
    read = _READERS.get(dimension)
    return read([int(key) for key in keys if key]) if read else _CHOICES.get(dimension, dict)()


def _people(ids: Sequence[int]) -> Names:
    # Every split by rep asks, and building this query took longer than running it.
    people = User.objects.raw(
        "SELECT id, name, email FROM accounts_user WHERE id = ANY(%s)", [list(ids)]
    )
    return {str(person.pk): (str(person), 0) for person in people}


def _stages(ids: Sequence[int]) -> Names:
    stages = Stage.objects.filter(pk__in=ids)
    return {str(stage.pk): (stage.label, stage.position) for stage in stages}


def _sources(ids: Sequence[int]) -> Names:
    return {str(source.pk): (source.label, 0) for source in Source.objects.filter(pk__in=ids)}


def _products(ids: Sequence[int]) -> Names:
    return {str(product.pk): (product.name, 0) for product in Product.objects.filter(pk__in=ids)}


def _sizes() -> Names:
    return _in_order(SizeBand.choices)


def _kinds() -> Names:
    return _in_order(DealKind.choices)


def _in_order(choices: Sequence[tuple[str, object]]) -> Names:
    return {value: (str(label), place) for place, (value, label) in enumerate(choices)}


_READERS: dict[str, Callable[[Sequence[int]], Names]] = {
    "rep": _people,
    "stage": _stages,
    "source": _sources,
    "product": _products,
}
_CHOICES: dict[str, Callable[[], Names]] = {"size": _sizes, "kind": _kinds}
