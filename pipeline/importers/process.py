"""The sales process of an import, and what is made because rows refer to it."""

from __future__ import annotations

from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from pipeline.bulk.tables import ignoring_triggers
from pipeline.importers.mapping import ProcessMapping
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, numbered
from pipeline.models import Customer, Product, SalesProcess, Source, Stage


def write_process(mapping: ProcessMapping | None) -> int | None:
    """The id of the mapping's process, or of the one for new deals; None without any.

    The first process of a company becomes the one for new deals. Stages that the mapping does
    not name stay, behind those that it does.
    """
    if mapping is None:
        process = SalesProcess.objects.order_by("-is_default", "pk").first()
        return process.pk if process else None
    process, _made = SalesProcess.objects.get_or_create(
        slug=mapping.slug,
        defaults={"name": mapping.name, "is_default": not SalesProcess.objects.exists()},
    )
    present = {stage.name: stage for stage in Stage.objects.filter(process=process)}
    for position, stage in enumerate(mapping.stages, start=1):
        wanted = {
            "position": position,
            "name_ko": stage.name_ko,
            "probability": stage.probability,
            "category": stage.category,
            "outcome": stage.outcome,
        }
        _write_stage(process, stage.name, present.pop(stage.name, None), wanted)
    _move_behind(list(present.values()), len(mapping.stages))
    return process.pk


def _write_stage(
    process: SalesProcess, name: str, found: Stage | None, wanted: dict[str, Any]
) -> None:
    if found is None:
        with ignoring_triggers(Stage):
            Stage.objects.create(process=process, name=name, **wanted)
    elif any(getattr(found, key) != value for key, value in wanted.items()):
        Stage.objects.filter(pk=found.pk).update(**wanted)


def _move_behind(stages: list[Stage], first: int) -> None:
    for position, stage in enumerate(sorted(stages, key=lambda s: s.position), start=first + 1):
        if stage.position != position:
            Stage.objects.filter(pk=stage.pk).update(position=position)


def create_missing(rows: Rows, session: Session) -> None:
    """Make the customers, products and sources that a mapping allows to be unknown."""
    for kind in rows.mapping.create_missing:
        if not rows.has(kind):
            continue
        known = session.references.known(kind)
        names = [
            text
            for text in rows.texts(kind)
            if text not in known and text.casefold() not in known and _fits(text)
        ]
        if names:
            _MAKERS[kind](names, session)
            session.references.forget(kind)
            rows.note(str(_TOLD[kind]), len(names))


def _fits(name: str) -> bool:
    return len(name) <= 120 and name.isprintable()


def _make_customers(names: list[str], session: Session) -> None:
    session.bulk.copy_rows(Customer, ["external_id", "name"], [(name, name) for name in names])


def _make_products(names: list[str], session: Session) -> None:
    rows = [(name, name, session.currency) for name in names]
    session.bulk.copy_rows(Product, ["external_id", "name", "currency"], rows)


def _make_sources(names: list[str], session: Session) -> None:
    taken = set(Source.objects.values_list("slug", flat=True))
    for name in names:
        base = slugify(name, allow_unicode=True)[:50] or "source"
        slug = next(slug for slug in numbered(base) if slug not in taken)
        taken.add(slug)
        Source.objects.create(slug=slug, name=name)


_MAKERS = {"customer": _make_customers, "product": _make_products, "source": _make_sources}
_TOLD = {
    "customer": gettext_lazy("customers made because rows name them"),
    "product": gettext_lazy("products made because rows name them"),
    "source": gettext_lazy("sources made because rows name them"),
}
