"""An export of subscriptions through the generic mapping that the documentation shows."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Q, Sum

from pipeline.importers.loading import load
from pipeline.importers.mapping import read_mapping
from pipeline.importers.report import Report
from pipeline.models import Contract, Customer

pytestmark = pytest.mark.django_db

MAPPING = settings.BASE_DIR / "docs" / "mappings" / "subscriptions.toml"


def load_subscriptions(shared_data: Path, tmp_path: Path) -> Report:
    report = Report(rejected_folder=tmp_path, stamp="now")
    file = shared_data / "ravenstack" / "ravenstack_subscriptions.csv"
    load(file, read_mapping(MAPPING), report, currency="USD")
    return report


def test_the_figures_of_the_export_come_out(shared_data: Path, tmp_path: Path) -> None:
    load_subscriptions(shared_data, tmp_path)
    assert Contract.objects.count() == 5_000
    assert Customer.objects.count() == 500
    assert Contract.objects.filter(is_trial=True).count() == 778
    assert Contract.objects.filter(end=None).count() == 4_514
    last = date(2024, 12, 31)
    running = Contract.objects.filter(Q(end=None) | Q(end__gt=last), start__lte=last)
    paid = running.filter(is_trial=False).aggregate(total=Sum("monthly_price"))
    assert paid["total"] == Decimal(10_159_608)
    contract = Contract.objects.get(external_id="S-8cec59")
    assert (contract.start, contract.end) == (date(2023, 12, 23), date(2024, 4, 12))
    assert (contract.term_months, contract.auto_renew, contract.currency) == (1, True, "USD")
    assert (contract.plan, contract.monthly_price) == ("Enterprise", Decimal(2_786))


def test_loading_it_again_changes_nothing(shared_data: Path, tmp_path: Path) -> None:
    load_subscriptions(shared_data, tmp_path)
    report = load_subscriptions(shared_data, tmp_path)
    assert report.tables[0].counts.unchanged == 5_000
