"""The shared samples of two vendors' exports: sparse, masked, and loaded all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.models import Team, User
from history import version_model
from pipeline.importers.loading import load
from pipeline.importers.mapping import PRESETS, read_mapping
from pipeline.importers.report import Report
from pipeline.models import (
    Customer,
    Deal,
    ImportedDeletion,
    Lead,
    Product,
    SalesProcess,
    Stage,
    Touched,
)

pytestmark = pytest.mark.django_db


def load_shapes(preset: str, shared_data: Path, tmp_path: Path) -> Report:
    report = Report(rejected_folder=tmp_path, stamp="now")
    folder = shared_data / "crm_export_shapes" / preset
    load(folder, read_mapping(PRESETS / f"{preset}.toml"), report, currency="USD")
    assert report.rejections == []
    return report


def changes(report: Report) -> dict[str, tuple[int, int]]:
    return {table.table: (table.counts.created, table.counts.updated) for table in report.tables}


def test_salesforce_loads_and_its_deleted_deals_are_of_the_past(
    shared_data: Path, tmp_path: Path
) -> None:
    report = load_shapes("salesforce", shared_data, tmp_path)
    assert not Deal.objects.exists()
    gone = ImportedDeletion.objects.filter(fact="deal")
    assert gone.count() == 8
    versions = version_model(Deal).objects.known()
    assert versions.filter(deleted=True, row__in=gone.values("row_id")).count() == 8
    assert Team.objects.count() == 8
    assert User.objects.filter(is_active=True).exists()
    assert Product.objects.count() == 7
    lead = Lead.objects.get()
    assert (lead.status, lead.deal, lead.customer) == ("converted", None, None)
    assert any("lines: deal is not a deal's external id: row left out" in n for n in report.notes)


def test_hubspot_loads_with_owners_and_stages_that_nobody_told(
    shared_data: Path, tmp_path: Path
) -> None:
    load_shapes("hubspot", shared_data, tmp_path)
    assert Deal.objects.count() == 44
    assert Deal.objects.filter(owner__name="Owner not known").count() == 22
    assert Deal.objects.filter(stage__name="Stage not known").count() == 44
    assert Customer.objects.count() == 24
    assert SalesProcess.objects.get(is_default=True).external_id == "mp_pipeline_monitoring"
    assert Stage.objects.filter(outcome="won").exists()


@pytest.mark.parametrize("preset", ["salesforce", "hubspot"])
def test_a_second_load_changes_nothing(preset: str, shared_data: Path, tmp_path: Path) -> None:
    load_shapes(preset, shared_data, tmp_path)
    versions = version_model(Deal).objects.count()
    Touched.objects.all().delete()
    again = load_shapes(preset, shared_data, tmp_path)
    assert set(changes(again).values()) == {(0, 0)}
    assert version_model(Deal).objects.count() == versions
    assert not Touched.objects.exists()
