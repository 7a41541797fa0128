"""What an import knows of the past of deals: no more than it was told."""

from datetime import datetime
from pathlib import Path

import pytest

from history import version_model
from pipeline.importers.errors import ImportRefused
from pipeline.models import Deal, Touched
from tests.cast import seoul
from tests.pipeline.importers.exports import Export

pytestmark = pytest.mark.django_db

DealVersion = version_model(Deal)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


def past(deal: str) -> list[tuple[str | None, datetime]]:
    """The stages that a deal is known to have been in, and since when."""
    versions = DealVersion.objects.known().filter(row__external_id=deal)
    return [
        (version.stage and version.stage.name, version.valid_from)
        for version in versions.select_related("stage")
    ]


def test_a_closed_deal_was_open_in_a_stage_nobody_told(export: Export) -> None:
    export.deals("1,A,Hanbit,Min,Won,100,2026-01-05,2026-02-05 15:30").load()
    assert past("1") == [(None, seoul(2026, 1, 5)), ("Won", seoul(2026, 2, 5, 15, 30))]
    before, after = DealVersion.objects.known()
    assert (before.outcome, before.amount, before.amount_estimated) == ("open", 100, True)
    assert (after.outcome, after.amount, after.amount_estimated) == ("won", 100, False)
    assert (before.closed_at, after.closed_at) == (None, seoul(2026, 2, 5, 15, 30))


def test_an_open_deals_stage_is_known_from_the_import_on(export: Export) -> None:
    export.deals("1,A,Hanbit,Min,Offer,100,2026-01-05,2027-02-05").load()
    (unknown, created), (stage, _now) = past("1")
    assert (unknown, created, stage) == (None, seoul(2026, 1, 5), "Offer")
    deal = Deal.objects.get()
    assert (deal.closed_at, deal.stage_since) == (None, None)


def test_a_deal_of_unknown_creation_is_known_from_its_close_on(export: Export) -> None:
    export.deals("1,A,,Min,Lost,,,2026-02-05").load()
    assert past("1") == [("Lost", seoul(2026, 2, 5))]
    deal = Deal.objects.get()
    assert (deal.lost_reason, deal.amount, deal.customer) == ("unknown", None, None)


def with_history(export: Export, *entries: str) -> Export:
    if "[stage_history]" not in export.mapping.read_text():
        export.add(
            """
            [stage_history]
            file = "history.csv"
            columns = { deal = "deal", stage = "stage", entered_at = "at" }
            """
        )
    return export.write(history="deal,stage,at\n" + "\n".join(entries) + "\n")


def test_stage_history_tells_the_past(export: Export) -> None:
    export.deals("1,A,,Min,Won,100,2026-01-05,2026-02-05")
    with_history(
        export,
        "1,Talking,2026-01-05 09:00",
        "1,Offer,2026-01-20 10:00",
        "1,Talking,2026-01-25 10:00",
        "1,Offer,2026-02-05 11:00",
        "1,Won,2026-02-05 15:00",
    ).load()
    assert past("1") == [
        (None, seoul(2026, 1, 5)),
        ("Talking", seoul(2026, 1, 5, 9)),
        ("Offer", seoul(2026, 1, 20, 10)),
        ("Talking", seoul(2026, 1, 25, 10)),
        ("Offer", seoul(2026, 2, 5, 11)),
        ("Won", seoul(2026, 2, 5, 15)),
    ]


def test_an_open_deal_with_history_is_in_its_stage_since_the_last_entry(export: Export) -> None:
    export.deals("1,A,,Min,Offer,100,2026-01-05,")
    with_history(export, "1,Talking,2026-01-05", "1,Offer,2026-01-20").load()
    assert past("1") == [("Talking", seoul(2026, 1, 5)), ("Offer", seoul(2026, 1, 20))]
    assert Deal.objects.get().stage_since == seoul(2026, 1, 20)


def test_a_second_load_with_history_changes_nothing(export: Export) -> None:
    export.deals("1,A,,Min,Won,100,2026-01-05,2026-02-05", "2,B,,Min,Offer,1,2026-01-05,")
    with_history(export, "1,Offer,2026-01-20", "1,Won,2026-02-05 15:00", "2,Talking,2026-01-06")
    export.load()
    versions = DealVersion.objects.count()
    Touched.objects.all().delete()
    report = export.load()
    assert {(t.counts.created, t.counts.updated) for t in report.tables} == {(0, 0)}
    assert report.tables[-1].counts.unchanged == 3
    assert DealVersion.objects.count() == versions
    assert not Touched.objects.exists()


def test_history_that_comes_later_splits_the_past_and_overwrites_nothing(export: Export) -> None:
    export.deals("1,A,,Min,Won,100,2026-01-05,2026-02-05").load()
    (before,) = DealVersion.objects.filter(outcome="open")
    report = with_history(export, "1,Talking,2026-01-05", "1,Offer,2026-01-20").load()
    assert report.tables[-1].counts.created == 2
    assert past("1") == [
        ("Talking", seoul(2026, 1, 5)),
        ("Offer", seoul(2026, 1, 20)),
        ("Won", seoul(2026, 2, 5)),
    ]
    overwritten = DealVersion.objects.get(pk=before.pk)
    assert (overwritten.valid_from, overwritten.valid_to) == (before.valid_from, before.valid_to)
    assert overwritten.recorded_to >= before.recorded_from
    assert Touched.objects.filter(fact="deal").exists()


def test_history_that_contradicts_where_a_deal_is_now_is_refused(export: Export) -> None:
    export.deals("1,A,,Min,Offer,100,2026-01-05,")
    with_history(export, "1,Offer,2026-01-06").load()
    with_history(export, "1,Talking,2026-01-20")
    with pytest.raises(ImportRefused, match="line 2: deal “1” ends in “Talking” here, but is in"):
        export.load()
