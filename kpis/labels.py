"""What the parts of a split figure are called, read once for each dimension."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.scope import Tree
from kpis.questions import GRAINS, Answer, Row
from periods import Period
from periods.labels import short_label
from pipeline.models import DealKind, Product, SizeBand, Source, Stage

# More stages than any sales process has.
_APART = 1000


class Name(NamedTuple):
    """What a part is called, its place among the others, and since when a person is there."""

    label: str
    position: int = 0
    joined_on: date | None = None


Names = Mapping[str, Name]


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
    rows = [_named(row, known, answer.question.period) for row in answer.rows]
    ordered = tuple(sorted(rows, key=lambda row: (row.position, row.label)))
    return replace(answer, rows=ordered, over_time=_timed(answer.over_time))


def _timed(rows: Sequence[Row]) -> tuple[Row, ...]:
    language = get_language() or "en"
    return tuple(
        replace(row, label=short_label(row.period, language)) if row.period else row for row in rows
    )


def _named(row: Row, names: Names, period: Period) -> Row:
    name = names.get(row.key) or Name(row.key or _("Not known"))
    is_new = name.joined_on is not None and period.start <= name.joined_on < period.end
    cells = _timed(row.cells) if row.cells else ()
    # Replacing fields takes several times as long, and there may be thousands of rows.
    return Row(
        row.key,
        name.label,
        row.result,
        name.position,
        row.period,
        row.comparison,
        cells,
        is_new,
    )


def _names(dimension: str, keys: set[str], tree: Tree) -> Names:
    if dimension == "team":
        return {str(team.pk): Name(team.name) for team in tree.teams.values()}
    read = _READERS.get(dimension)
    return read([int(key) for key in keys if key]) if read else _CHOICES.get(dimension, dict)()


# Every split by rep asks for people by the hundred; objects took longer than reading them.
_PEOPLE = """
SELECT id, COALESCE(NULLIF(name, ''), email), joined_on FROM accounts_user WHERE id = ANY(%s)
"""


def _people(ids: Sequence[int]) -> Names:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [list(ids)])
        return {str(key): Name(name, 0, joined) for key, name, joined in cursor.fetchall()}


def _stages(ids: Sequence[int]) -> Names:
    stages = list(Stage.objects.filter(pk__in=ids).select_related("process"))
    processes = sorted({(not each.process.is_default, each.process_id) for each in stages})
    several = len(processes) > 1
    return {
        str(each.pk): Name(
            f"{each.process}: {each.label}" if several else each.label,
            processes.index((not each.process.is_default, each.process_id)) * _APART
            + each.position,
        )
        for each in stages
    }


def _sources(ids: Sequence[int]) -> Names:
    return {str(source.pk): Name(source.label) for source in Source.objects.filter(pk__in=ids)}


def _products(ids: Sequence[int]) -> Names:
    return {str(product.pk): Name(product.name) for product in Product.objects.filter(pk__in=ids)}


def _sizes() -> Names:
    return _in_order(SizeBand.choices)


def _kinds() -> Names:
    return _in_order(DealKind.choices)


def _in_order(choices: Sequence[tuple[str, object]]) -> Names:
    return {value: Name(str(label), place) for place, (value, label) in enumerate(choices)}


_READERS: dict[str, Callable[[Sequence[int]], Names]] = {
    "rep": _people,
    "stage": _stages,
    "source": _sources,
    "product": _products,
}
_CHOICES: dict[str, Callable[[], Names]] = {"size": _sizes, "kind": _kinds}
