"""Finding rows by what an export calls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from pipeline.importers.errors import Gone, Unreadable
from pipeline.models import (
    Contract,
    Customer,
    Deal,
    ImportedDeletion,
    Lead,
    Product,
    SalesProcess,
    Source,
    Stage,
)

# The columns that a row may be called by, the surest first.
CALLED: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "customer": (Customer, ("external_id", "name")),
    "person": (User, ("external_id", "email", "name")),
    "team": (Team, ("external_id", "slug", "name")),
    "product": (Product, ("external_id", "name")),
    "source": (Source, ("slug", "name", "name_ko")),
    "deal": (Deal, ("external_id",)),
    "lead": (Lead, ("external_id",)),
    "contract": (Contract, ("external_id",)),
    "process": (SalesProcess, ("external_id", "slug", "name")),
    "stage": (Stage, ("external_id", "name", "name_ko")),
}
_WORDS = {
    "customer": gettext_lazy("a customer's external id or name"),
    "person": gettext_lazy("a person's external id, e-mail or name"),
    "team": gettext_lazy("a team's external id, short name or name"),
    "product": gettext_lazy("a product's external id or name"),
    "source": gettext_lazy("a source's short name or name"),
    "deal": gettext_lazy("a deal's external id"),
    "lead": gettext_lazy("a lead's external id"),
    "contract": gettext_lazy("a contract's external id"),
    "process": gettext_lazy("a sales process's external id, short name or name"),
    "stage": gettext_lazy("a stage of the sales process"),
}
_AMBIGUOUS = -1


class References:
    """Ids by name, read once per kind of row and again after that kind was written."""

    def __init__(self, process_id: int | None = None) -> None:
        self.process_id = process_id
        """Whose stages are known by their names; others only by their ids."""
        self._known: dict[str, dict[str, int]] = {}
        self._gone: dict[str, frozenset[str]] = {}

    def forget(self, kind: str) -> None:
        """Read this kind anew: rows of it were written."""
        self._known.pop(kind, None)

    def prepare(self, kinds: Iterable[str]) -> None:
        """Read these kinds now, since nothing can be read while rows are being copied."""
        for kind in kinds:
            self.known(kind)
            self._deleted(kind)

    def known(self, kind: str) -> dict[str, int]:
        """Every name of a kind with its id."""
        if kind not in self._known:
            self._known[kind] = self._read(kind)
        return self._known[kind]

    def find(self, kind: str, text: str) -> int:
        """The id of the row called so.

        Gone if an import deleted it; Unreadable if there is none, or more than one.
        """
        found = self.known(kind).get(text) or self.known(kind).get(text.casefold())
        if found is None and text in self._deleted(kind):
            raise Gone(_("a row that the other system has not deleted"))
        if found is None:
            raise Unreadable(str(_WORDS[kind]))
        if found == _AMBIGUOUS:
            raise Unreadable(_("%(what)s; several are called this") % {"what": _WORDS[kind]})
        return found

    def _deleted(self, kind: str) -> frozenset[str]:
        if kind not in self._gone:
            fact = CALLED[kind][0]._meta.model_name
            rows = ImportedDeletion.objects.filter(fact=fact)
            self._gone[kind] = frozenset(rows.values_list("external_id", flat=True))
        return self._gone[kind]

    def _read(self, kind: str) -> dict[str, int]:
        model, columns = CALLED[kind]
        rows: models.QuerySet[Any] = model._base_manager.all()
        named = rows
        if kind == "stage" and self.process_id is not None:
            named = rows.filter(process=self.process_id)
        known: dict[str, int] = {}
        for column in reversed(columns):
            # Other systems tell ids apart by case alone.
            if column == "external_id":
                known |= _by(column, rows, str)
            else:
                known |= _by(column, named, str.casefold) | _by(column, named, str)
        return known


def _by(column: str, rows: models.QuerySet[Any], spelling: Callable[[str], str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, name in rows.values_list("pk", column).iterator(chunk_size=20_000):
        if name:
            text = spelling(name)
            found[text] = key if found.get(text, key) == key else _AMBIGUOUS
    return found
