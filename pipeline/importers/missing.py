"""What is made because rows name it, where a mapping allows that."""

from __future__ import annotations

from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from pipeline.bulk.tables import ignoring_triggers
from pipeline.importers.mapping import CREATABLE
from pipeline.importers.people import free_address
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, numbered
from pipeline.importers.stages import new_process
from pipeline.models import Category, Customer, Product, SalesProcess, Source, Stage


def create_missing(rows: Rows, session: Session) -> None:
    """Make the customers, products and sources that a mapping allows to be unknown."""
    for field in rows.mapping.create_missing:
        if not rows.has(field):
            continue
        kind = CREATABLE[field]
        known = session.references.known(kind)
        names = [
            text
            for text in rows.texts(field)
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


def _make_people(names: list[str], session: Session) -> None:
    """Owners of whom nothing else is known: they cannot sign in, and count as having left."""
    for name in names:
        person = User(
            external_id=name,
            name=name,
            email=free_address(name, "example.com"),
            is_active=False,
            language=session.company.language,
        )
        person.set_unusable_password()
        person.save()


def _make_processes(names: list[str], session: Session) -> None:
    for name in names:
        made = new_process(name, external_id=name)
        if session.process_id is None:
            session.work_in(made.pk)


def _make_stages(names: list[str], session: Session) -> None:
    """Open and outside every forecast, behind the other stages of the import's process."""
    if session.process_id is None:
        process = new_process(_("Sales"))
        session.work_in(process.pk)
    else:
        process = SalesProcess.objects.get(pk=session.process_id)
    stages = Stage.objects.filter(process=process)
    last = stages.aggregate(last=Max("position"))["last"] or 0
    for position, name in enumerate(names, start=last + 1):
        with ignoring_triggers(Stage):
            Stage.objects.create(
                process=process,
                external_id=name,
                name=name,
                position=position,
                probability=0,
                category=Category.OMITTED,
            )


_MAKERS = {
    "customer": _make_customers,
    "product": _make_products,
    "source": _make_sources,
    "person": _make_people,
    "process": _make_processes,
    "stage": _make_stages,
}
_TOLD = {
    "customer": gettext_lazy("customers made because rows name them"),
    "product": gettext_lazy("products made because rows name them"),
    "source": gettext_lazy("sources made because rows name them"),
    "person": gettext_lazy(
        "people made because rows name them: they have left and are in no team; say who they are"
    ),
    "process": gettext_lazy("sales processes made because rows name them"),
    "stage": gettext_lazy(
        "stages made because rows name them: open and in no forecast; say what they mean"
    ),
}
