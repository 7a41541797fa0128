"""The very rows behind a figure: what it counts, sums or orders, and what each brings in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Field, Model, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Company, User
from accounts.scope import reach
from kpis.asking import check_rights, reading_of
from kpis.evaluate import answer
from kpis.questions import Answer, BadQuestion, Question
from pipeline.measures import Measure
from pipeline.models import Contract, ContractTerm, Cost, Customer, Deal, Lead, Visit
from pipeline.populations import Rows
from pipeline.reading import Reading, row_key


@dataclass(frozen=True)
class Column:
    """One column of the rows; `is_personal` ones are not in versions but on the row itself."""

    key: str
    label: Any
    path: str
    is_personal: bool = False

    @property
    def alias(self) -> str:
        """Its name in a query, where the fact's own fields must not be shadowed."""
        return f"shown_{self.key}"

    def value_in(self, rows: Rows, fact: type[Model], reading: Reading) -> Any:
        """What it shows of each row; what versions do not keep is read beside them."""
        if not (self.is_personal and row_key(rows) == "row_id"):
            return reading.column(rows, self.path)
        named = fact._base_manager.filter(pk=OuterRef("row_id")).values(self.path)
        return Subquery(named[:1])


COLUMNS: Mapping[type[Model], Sequence[Column]] = {
    Deal: (
        Column("name", gettext_lazy("name"), "name", is_personal=True),
        Column("customer", gettext_lazy("customer"), "customer__name"),
        Column("owner", gettext_lazy("owner"), "owner__name"),
        Column("team", gettext_lazy("team"), "team__name"),
        Column("stage", gettext_lazy("stage"), "stage__name"),
        Column("amount", gettext_lazy("amount"), "amount"),
        Column("currency", gettext_lazy("currency"), "currency"),
        Column("created_at", gettext_lazy("created"), "created_at"),
        Column("closed_at", gettext_lazy("closed"), "closed_at"),
        Column("expected_close", gettext_lazy("expected close"), "expected_close"),
    ),
    Lead: (
        Column("company_name", gettext_lazy("company"), "company_name", is_personal=True),
        Column("owner", gettext_lazy("owner"), "owner__name"),
        Column("team", gettext_lazy("team"), "team__name"),
        Column("source", gettext_lazy("source"), "source__name"),
        Column("status", gettext_lazy("status"), "status"),
        Column("created_at", gettext_lazy("created"), "created_at"),
        Column("converted_at", gettext_lazy("converted"), "converted_at"),
    ),
    Customer: (
        Column("name", gettext_lazy("name"), "name", is_personal=True),
        Column("industry", gettext_lazy("industry"), "industry"),
        Column("size", gettext_lazy("size"), "size_band"),
        Column("region", gettext_lazy("region"), "region"),
    ),
    Contract: (
        Column("customer", gettext_lazy("customer"), "customer__name"),
        Column("plan", gettext_lazy("plan"), "plan", is_personal=True),
        Column("start", gettext_lazy("from"), "start"),
        Column("end", gettext_lazy("until"), "end"),
        Column("amount", gettext_lazy("value"), "value"),
        Column("monthly_price", gettext_lazy("price per month"), "monthly_price"),
        Column("currency", gettext_lazy("currency"), "currency"),
    ),
    ContractTerm: (
        Column("customer", gettext_lazy("customer"), "customer__name"),
        Column("contract", gettext_lazy("contract"), "contract_id"),
        Column("due", gettext_lazy("due"), "due"),
        Column("renewed", gettext_lazy("renewed"), "renewed"),
        Column("amount", gettext_lazy("amount"), "amount"),
        Column("currency", gettext_lazy("currency"), "currency"),
    ),
    Visit: (
        Column("day", gettext_lazy("day"), "day"),
        Column("source", gettext_lazy("source"), "source__name"),
        Column("visits", gettext_lazy("visits"), "visits"),
    ),
    Cost: (
        Column("kind", gettext_lazy("kind"), "kind"),
        Column("day", gettext_lazy("day"), "day"),
        Column("team", gettext_lazy("team"), "team__name"),
        Column("source", gettext_lazy("source"), "source__name"),
        Column("amount", gettext_lazy("amount"), "amount"),
        Column("currency", gettext_lazy("currency"), "currency"),
    ),
}


@dataclass(frozen=True)
class Records:
    """Rows as dicts: `record` (the fact's id), the columns, and `contribution`.

    Contributions of an additive part add up to `total` exactly; those of a median or mean are
    what it is taken over. A contribution is NaN where an exchange rate is missing.
    """

    answer: Answer
    part: str
    measure: Measure
    columns: Sequence[Column]
    rows: Rows
    total: Decimal | None

    @property
    def header(self) -> list[str]:
        return [_("id"), *(str(column.label) for column in self.columns), _("counts as")]

    def lines(self) -> Iterator[list[Any]]:
        """The rows for a file, in the order of the header."""
        keys = ["record", *(column.alias for column in self.columns), "contribution"]
        for row in self.rows.order_by("-contribution", "record").iterator(chunk_size=2000):
            yield [row[key] for key in keys]


def records(question: Question, *, viewer: User, at: datetime, part: str = "numerator") -> Records:
    """The rows of one part of a figure. BadQuestion for a part that it does not have."""
    check_rights(question.checked(), viewer)
    measures = question.declared_basis.measures
    if part not in measures:
        choices = ", ".join(measures)
        raise BadQuestion("part", _("Use one of: %(choices)s.") % {"choices": choices})
    (found,) = answer([question], viewer=viewer, at=at)
    measure = measures[part]
    columns = columns_of(measure.of.fact)
    return Records(
        answer=found,
        part=part,
        measure=measure,
        columns=columns,
        rows=_rows(question, measure, columns, viewer, at),
        total=found.parts[part],
    )


def columns_of(fact: type[Model]) -> Sequence[Column]:
    """What is shown of a fact's rows; of one from the layers above all that it has."""
    if fact in COLUMNS:
        return COLUMNS[fact]
    fields = [each for each in fact._meta.concrete_fields if not each.primary_key]
    paths = {each.name: f"{each.name}__name" if _is_named(each) else each.name for each in fields}
    return [Column(each.name, each.verbose_name, paths[each.name]) for each in fields]


def _is_named(field: Field[Any, Any]) -> bool:
    """Whether it refers to something that goes by a name."""
    target = field.related_model
    return isinstance(target, type) and any(each.name == "name" for each in target._meta.fields)


def _rows(
    question: Question, measure: Measure, columns: Sequence[Column], viewer: User, at: datetime
) -> Rows:
    tree = reach(viewer).tree
    reading = reading_of(question, tree=tree, at=at, currency=Company.current().currency)
    rows = measure.of.rows(reading)
    key, fact = row_key(rows), measure.of.fact
    shown = {column.alias: column.value_in(rows, fact, reading) for column in columns}
    dicts: Rows = rows.order_by().values(
        record=F(key), contribution=measure.contribution(reading), **shown
    )
    return dicts
