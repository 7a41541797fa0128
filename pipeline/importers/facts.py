"""Customers, leads and the other facts of one row each: from cells to columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import pandas as pd
from django.db import models
from django.utils.translation import gettext as _

from periods import Period, PeriodError
from pipeline.bulk.tables import ignoring_triggers
from pipeline.importers.deletions import merge_deletable
from pipeline.importers.merging import Prepare, merge_rows
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, execute, mask, objects, query
from pipeline.models import (
    Activity,
    Contract,
    Cost,
    Customer,
    Lead,
    LeadStatus,
    Product,
    Rate,
    SizeBand,
    Target,
    Visit,
)

_AT_ONCE, _BY_MONTH = Contract.Schedule.SIGNING.value, Contract.Schedule.MONTHLY.value


@dataclass(frozen=True)
class FactTable:
    """How one table is written: what its rows are known by, and since when they were true.

    `since` is SQL over the row (see `first_versions`), given the session; None: no history.
    """

    model: type[models.Model]
    prepare: Prepare
    key: tuple[str, ...] = ("external_id",)
    since: Callable[[Session], str] | None = None


def load_fact(rows: Rows, session: Session) -> None:
    """One table of FACTS, with the versions of its new rows."""
    table = FACTS[rows.mapping.table]
    filled_in = ("currency", "schedule") if table.model is Contract else ("currency",)
    only_new = tuple(name for name in filled_in if not rows.has(name))
    if table.key == ("external_id",):
        merge_deletable(
            rows,
            session,
            table.model,
            table.prepare,
            only_new=only_new,
            extras={"renews": "text"} if rows.has("renews") else {},
            then=_linker(rows) if rows.has("renews") else None,
        )
    else:
        merge_rows(rows, session, table.model, table.prepare, key=table.key)
    if table.since:
        session.bulk.first_versions(table.model, since=table.since(session))


def known_by(values: pd.DataFrame, rows: Rows, *otherwise: str) -> pd.DataFrame:
    """With a unique external id: given, else the columns `otherwise`, else the whole content."""
    given = values["external_id"] if "external_id" in values else [None] * len(values)
    parts = [values[name] for name in otherwise or values.columns if name != "external_id"]
    ids = []
    for external_id, *row in zip(given, *parts, strict=True):
        text = " · ".join("" if value is None else str(value) for value in row)
        ids.append(external_id or (text if otherwise else rows.numbered(_digest(text))))
    return rows.unique(values.assign(external_id=objects(ids, values.index)), "external_id")


def _digest(text: str) -> str:
    return "row-" + blake2b(text.encode(), digest_size=12).hexdigest()


def credited(values: pd.DataFrame, session: Session, *, person: str, day: str) -> pd.DataFrame:
    """With the team that the person belonged to on a day, unless the export names one."""
    if "team" in values or person not in values:
        return values
    teams = session.teams_at(values[person], values[day])
    return values.assign(team=objects(teams, values.index))


def priced(values: pd.DataFrame, session: Session) -> pd.DataFrame:
    """With the import's currency, where the export names none."""
    if "currency" not in values:
        return values.assign(currency=session.currency)
    filled = [currency or session.currency for currency in values["currency"]]
    return values.assign(currency=objects(filled, values.index))


def _banded(values: pd.DataFrame) -> pd.DataFrame:
    if "employees" not in values:
        return values
    bands = [SizeBand.of(count) for count in values["employees"]]
    if "size_band" in values:
        bands = [band or given for band, given in zip(bands, values["size_band"], strict=True)]
    return values.assign(size_band=objects(bands, values.index))


def products(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """Known by their name where no id is given."""
    return priced(known_by(values, rows, "name"), session)


def customers(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """Known by their name where no id is given; employees say the size band."""
    return _banded(known_by(values, rows, "name"))


def leads(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """A lead that has a date of conversion is converted, and no other."""
    known = known_by(values, rows)
    known = rows.past(known, "created_at", session.now)
    if "converted_at" in known:
        known = rows.past(known, "converted_at", session.now)
    known = _with_status(known, rows)
    session.learn_days(known["created_at"])
    return credited(_banded(known), session, person="owner", day="created_at").drop(
        columns="employees", errors="ignore"
    )


def _with_status(values: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    count = len(values)
    given = list(values["status"]) if "status" in values else [None] * count
    converted = list(values["converted_at"]) if "converted_at" in values else [None] * count
    wanted = [
        LeadStatus.CONVERTED if at is not None else status or LeadStatus.NEW
        for status, at in zip(given, converted, strict=True)
    ]
    undated = mask(
        (s == LeadStatus.CONVERTED and at is None for s, at in zip(wanted, converted, strict=True)),
        values.index,
    )
    values = values.assign(status=objects(wanted, values.index))
    return rows.reject(values, undated, "converted_at", _("a date, since the lead is converted"))


def activities(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """Each about a deal or a lead, credited to its person's team of that day."""
    known = known_by(values, rows)
    about = [name for name in ("deal", "lead") if name in known]
    nothing = known[about].isna().all(axis=1) if about else pd.Series(True, index=known.index)
    known = rows.reject(known, nothing, "deal", _("a deal or a lead that it is about"))
    return credited(known, session, person="person", day="at")


def contracts(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """Each worth something, ending after its start, renewing by whole terms if by itself."""
    known = known_by(values, rows)
    known = _worth_something(known, rows)
    known = _ending_late_enough(known, rows)
    known = _renewing_by_terms(known, rows)
    known = _counting_as_usual(known)
    session.learn_days(known["start"])
    known = credited(known, session, person="owner", day="start")
    return priced(known, session)


def _worth_something(values: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    given = [name for name in ("value", "monthly_price") if name in values]
    worthless = values[given].isna().all(axis=1) if given else pd.Series(True, values.index)
    return rows.reject(values, worthless, "value", _("a value, or a price per month"))


def _ending_late_enough(values: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    if "end" not in values:
        return values
    spans = zip(values["start"], values["end"], strict=True)
    early = mask((end is not None and end < start for start, end in spans), values.index)
    return rows.reject(values, early, "end", _("a day that is not before the start"))


def _renewing_by_terms(values: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    if "auto_renew" not in values:
        return values
    terms = values["term_months"] if "term_months" in values else [None] * len(values)
    pairs = zip(values["auto_renew"], terms, strict=True)
    lacking = mask((auto and not term for auto, term in pairs), values.index)
    expected = _("the months of a term, since the contract renews automatically")
    return rows.reject(values, lacking, "term_months", expected)


def _counting_as_usual(values: pd.DataFrame) -> pd.DataFrame:
    """Where the export does not say how: once at signing, what recurs month by month."""
    nothing = [None] * len(values)
    said = values.get("schedule", nothing)
    billed = values.get("billing", nothing)
    found = [
        how or (_AT_ONCE if billing == Contract.Billing.ONE_OFF else _BY_MONTH)
        for how, billing in zip(said, billed, strict=True)
    ]
    return values.assign(schedule=objects(found, values.index))


def costs(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """In the import's currency where none is named."""
    session.learn_days(values["day"])
    return priced(known_by(values, rows), session)


def visits(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """One row for a day and source."""
    return rows.unique(values, "day", "source")


def rates(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """One row for a currency and day."""
    return rows.unique(values, "currency", "day")


def targets(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
    """A target's period is a code such as 2026-Q4."""
    periods = {code: _period(code, session) for code in set(values["period"])}
    found = objects([periods[code] for code in values["period"]], values.index)
    unread = mask((isinstance(period, str) for period in found), values.index)
    for line in values.index[unread]:
        rows.fault(line, "period", found[line])
    values = values[~unread]
    named = [name for name in ("kpi", "team", "user", "period") if name in values]
    values = known_by(values, rows, *named)
    spans = [found[line] for line in values.index]
    return values.assign(
        start=objects([period.start for period in spans], values.index),
        end=objects([period.end for period in spans], values.index),
    ).drop(columns="period")


def _period(code: str, session: Session) -> Period | str:
    """The period, or why there is none."""
    try:
        return session.calendar.parse(code, at=session.now)
    except PeriodError as error:
        return str(error)


def _linker(rows: Rows) -> Callable[[str], None]:
    """Says which contract each renews, once all of them are there."""

    def link(staged: str) -> None:
        lost = query(
            f"SELECT renews FROM {staged} WHERE renews IS NOT NULL AND NOT EXISTS "
            f"(SELECT FROM pipeline_contract WHERE external_id = renews) LIMIT 1"
        )
        if lost:
            rows.refuse(_("there is no contract “%(id)s” to renew") % {"id": lost[0][0]})
        with ignoring_triggers(Contract):
            execute(_LINK.format(staged=staged, which="NOT EXISTS"))
        execute(_LINK.format(staged=staged, which="EXISTS"))

    return link


# New contracts have no version yet, and theirs will begin with the link.
_LINK = """
UPDATE pipeline_contract present SET renews_id = renewed.id
FROM {staged} staged LEFT JOIN pipeline_contract renewed ON renewed.external_id = staged.renews
WHERE present.external_id = staged.external_id
    AND present.renews_id IS DISTINCT FROM renewed.id
    AND {which} (SELECT FROM pipeline_contractversion WHERE row_id = present.id)
"""


FACTS: Mapping[str, FactTable] = {
    "products": FactTable(Product, products),
    "customers": FactTable(Customer, customers),
    "leads": FactTable(Lead, leads, since=lambda _session: "created_at"),
    "activities": FactTable(Activity, activities, since=lambda _session: '"at"'),
    "contracts": FactTable(Contract, contracts, since=lambda s: s.start_sql("start")),
    "costs": FactTable(Cost, costs, since=lambda s: s.start_sql("day")),
    "visits": FactTable(Visit, visits, key=("day", "source"), since=lambda s: s.start_sql("day")),
    "targets": FactTable(Target, targets, since=lambda s: s.start_sql("start")),
    "rates": FactTable(Rate, rates, key=("currency", "day"), since=lambda s: s.start_sql("day")),
}
