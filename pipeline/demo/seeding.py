"""Making the demo company: imagine it, then write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from accounts.models import Company, Team
from history import version_model
from pipeline.bulk import bulk_writing
from pipeline.demo.amounts import price
from pipeline.demo.bare import bare
from pipeline.demo.company_tables import company_tables
from pipeline.demo.customers import build_customers
from pipeline.demo.deal_tables import customer_table, deal_table, first_contacts, line_table
from pipeline.demo.deals import tell_story
from pipeline.demo.drafts import Market
from pipeline.demo.lead_tables import activity_table, lead_table
from pipeline.demo.leads import build_leads
from pipeline.demo.money_tables import money_tables
from pipeline.demo.organisation import build_organisation, describe
from pipeline.demo.people import demo_password
from pipeline.demo.plan import Plan
from pipeline.demo.rates import Rates
from pipeline.demo.tables import Table
from pipeline.demo.ticks import write_ticks
from pipeline.demo.words import COMPANY
from pipeline.demo.writing import TableWriter
from pipeline.models import (
    Activity,
    Contract,
    Cost,
    Customer,
    Deal,
    DealLine,
    Lead,
    SalesProcess,
    Source,
)

_LARGE = (Customer, Deal, DealLine, Lead, Activity, Contract, Cost)
_MUST_BE_EMPTY = (Deal, Lead, Customer, Team, SalesProcess, Source)


class NotEmpty(Exception):
    """The company has data of its own, which a demo must not be mixed with."""


def seed(plan: Plan, *, say: Callable[[str], None]) -> None:
    """Write the demo company, all or nothing. NotEmpty if there is a company already."""
    _check_empty()
    say(f"Imagining {plan.deals:,} deals from {plan.start} to {plan.today} …")
    with bulk_writing() as writer:
        _name_company(plan)
        tables = TableWriter(writer, say)
        with bare(_written_tables()):
            for table in imagine(plan, password_hash=make_password(demo_password())):
                tables.write(table)
            say(str(_("Indexing and checking …")))
        write_ticks(writer, plan)


def imagine(plan: Plan, *, password_hash: str) -> Iterator[Table]:
    """Every table of the demo company, in the order of their references. No database needed."""
    organisation = build_organisation(plan)
    customers = build_customers(plan, organisation)
    market = Market(plan, organisation, describe(organisation, plan), customers)
    rates = Rates.build(plan)
    yield from company_tables(market, password_hash)
    story = tell_story(market)
    price(plan, story, rates)
    leads, lead_past = build_leads(market, story)
    story.deals["contact"] = first_contacts(market, story.deals, leads)
    yield customer_table(market, story.deals, leads)
    yield deal_table(market, story)
    yield line_table(market, story)
    yield lead_table(market, leads, lead_past)
    yield activity_table(market, story, leads)
    yield from money_tables(market, story, leads, rates)


def _written_tables() -> list[str]:
    """The tables that receive so many rows that one by one checks and indexes would cost."""
    versions = [version_model(model)._meta.db_table for model in _LARGE]
    return [model._meta.db_table for model in _LARGE] + versions


def _check_empty() -> None:
    found = next((model for model in _MUST_BE_EMPTY if model._base_manager.exists()), None)
    if found is not None:
        raise NotEmpty(
            _(
                "This company already has %(what)s; the demo is only for an empty one. "
                "To start over, stop SalesDash and remove its data directory (.data/), "
                "or name another one in SALESDASH_DATA_DIR or another DATABASE_URL."
            )
            % {"what": found._meta.verbose_name_plural}
        )


def _name_company(plan: Plan) -> None:
    company = Company.current()
    company.name, company.currency, company.language = COMPANY, "KRW", "ko"
    company.time_zone = str(plan.calendar.zone)
    company.save()
