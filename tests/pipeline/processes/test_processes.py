"""Several sales processes: deals choose one and change it; figures add up over them unmixed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.scope import COMPANY
from history import as_recorded_at
from kpis.evaluate import answer
from kpis.questions import Question
from pipeline.actions.deals import change_process, move_deal
from pipeline.eight_steps import make_eight_steps
from pipeline.models import Category, Criterion, Deal, SalesProcess, Stage, StageArrival
from tests.cast import make_customer, make_deal, seoul
from tests.forecasting.asking import forecast_of

if TYPE_CHECKING:
    from accounts.models import User
    from tests.cast import Cast

NOW = seoul(2026, 3, 16, 12)


@pytest.fixture
def eight(cast: Cast) -> list[Stage]:
    """The stages of a second process, of which none asks for anything."""
    process = make_eight_steps(slug="eight", name="Eight", is_default=False)
    Criterion.objects.all().delete()
    return list(process.stages.order_by("position"))


def page(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def change(cast: Cast, deal: Deal, to: Stage, **how: Any) -> Deal:
    options = {"by": cast.minsu, "revision": deal.revision, "at": NOW, **how}
    return change_process(deal=deal, to=to, **options)


def test_an_open_deal_goes_on_in_another_process(cast: Cast, eight: list[Stage]) -> None:
    deal = make_deal(cast, cast.minsu, 2, category=Category.COMMIT)
    moved = change(cast, deal, eight[3])
    assert (moved.stage, moved.category, moved.stage_since) == (eight[3], Category.COMMIT, NOW)


def test_other_deals_and_stages_do_not(cast: Cast, eight: list[Stage]) -> None:
    open_deal, won = make_deal(cast, cast.minsu, 2), make_deal(cast, cast.minsu, cast.won)
    for deal, to in ((won, eight[0]), (open_deal, eight[7]), (open_deal, cast.stages[2])):
        with pytest.raises(ValidationError):
            change(cast, deal, to)
    with pytest.raises(ValidationError):
        move_deal(deal=open_deal, to=eight[0], by=cast.minsu, revision=1, at=NOW)


def test_the_page_offers_the_other_process_and_suggests_a_stage(
    cast: Cast, eight: list[Stage]
) -> None:
    deal = make_deal(cast, cast.minsu, 3, customer=make_customer())
    path = f"/deals/{deal.pk}/process/"
    assert path in page(cast.minsu).get(f"/deals/{deal.pk}/").content.decode()
    form = page(cast.minsu).get(path).context["form"]
    assert form.initial["stage"] == eight[3].pk, "the first best-case stage"
    ((name, offered),) = form.fields["stage"].widget.choices
    assert (name, [key for key, _label in offered]) == ("Eight", [each.pk for each in eight[:7]])
    assert page(cast.minsu).post(path, {"stage": eight[4].pk, "revision": 1}).status_code == 302
    deal.refresh_from_db()
    assert deal.stage == eight[4]
    stale = page(cast.minsu).post(path, {"stage": cast.stages[0].pk, "revision": 1})
    assert stale.status_code == 409


def test_a_new_deal_chooses_where_it_starts(cast: Cast, eight: list[Stage]) -> None:
    form = page(cast.minsu).get("/deals/new/").context["form"]
    groups = [group for group in form.fields["stage"].widget.choices if group[0]]
    assert [(name, len(stages)) for name, stages in groups] == [("Default", 4), ("Eight", 7)]
    body = {"name": "ERP", "currency": "KRW", "kind": "new", "stage": eight[1].pk}
    page(cast.minsu).post("/deals/new/", body)
    assert Deal.objects.get(name="ERP").stage == eight[1]


def test_the_api_changes_it(cast: Cast, eight: list[Stage]) -> None:
    deal = make_deal(cast, cast.minsu, 2)
    url, kind = f"/api/v1/deals/{deal.pk}/process/", "application/json"
    sent = {"stage": eight[0].pk, "revision": 1}
    assert page(cast.finn).post(url, sent, content_type=kind).status_code == 403
    assert page(cast.bora).post(url, sent, content_type=kind).status_code == 404
    assert page(cast.minsu).post(url, sent, content_type=kind).json()["stage"] == eight[0].pk
    assert page(cast.minsu).post(url, sent, content_type=kind).status_code == 409


def test_the_board_shows_one_process_at_a_time(cast: Cast, eight: list[Stage]) -> None:
    mine = make_deal(cast, cast.minsu, 2)
    other = change(cast, make_deal(cast, cast.minsu, 2), eight[1])
    for slug, shown, hidden in (("default", mine, other), ("eight", other, mine)):
        text = page(cast.minsu).get("/pipeline/", {"process": slug}).content.decode()
        assert f'id="deal-{shown.pk}"' in text
        assert f'id="deal-{hidden.pk}"' not in text


def test_forecasts_roll_up_over_all_of_them(cast: Cast, eight: list[Stage]) -> None:
    closing = {"amount": Decimal(10), "expected_close": date(2026, 3, 25)}
    make_deal(cast, cast.minsu, 4, **closing)
    other = make_deal(cast, cast.minsu, 4, **closing)
    change(cast, other, eight[5])
    root = forecast_of(cast).forest.root
    assert (root.amounts.commit, root.amounts.best_case) == (Decimal(20), Decimal(0))
    change(cast, Deal.objects.get(pk=other.pk), cast.stages[2])
    root = forecast_of(cast).forest.root
    assert (root.amounts.commit, root.amounts.best_case) == (Decimal(10), Decimal(10))


def test_figures_by_stage_say_of_which_process(cast: Cast, eight: list[Stage]) -> None:
    first = make_deal(cast, cast.minsu, 3, amount=Decimal(10))
    change(cast, make_deal(cast, cast.minsu, 3, amount=Decimal(20)), eight[3])
    viewer = type(cast.eunji).objects.get(pk=cast.eunji.pk)
    period = cast.company.calendar.parse("this-quarter", at=NOW)
    (found,) = answer(
        [Question("open_pipeline", COMPANY, period, by="stage")], viewer=viewer, at=NOW
    )
    rows = sorted(found.rows, key=lambda row: row.position)
    assert [(row.label, row.result.value) for row in rows] == [
        (f"Default: {first.stage.label}", Decimal(10)),
        (f"Eight: {eight[3].label}", Decimal(20)),
    ]


def test_a_way_counts_within_the_process_it_was_gone_in(cast: Cast, eight: list[Stage]) -> None:
    with as_recorded_at(seoul(2026, 3, 1)):
        deal = make_deal(cast, cast.minsu, 2)
    with as_recorded_at(seoul(2026, 3, 2)):
        change(cast, deal, eight[1])
    reached = StageArrival.objects.filter(row=deal).values_list("passed__process__slug", "passed")
    assert sorted(reached) == sorted(
        [("default", stage.pk) for stage in cast.stages[:2]]
        + [("eight", stage.pk) for stage in eight[:2]]
    )


def test_a_company_without_one_starts_with_the_eight_steps(cast: Cast) -> None:
    Stage.objects.all().delete()
    SalesProcess.objects.all().delete()
    assert "Start with the eight steps" in page(cast.sam).get("/pipeline/").content.decode()
    assert "Start with" not in page(cast.lee).get("/pipeline/").content.decode()
    assert page(cast.lee).post("/pipeline/eight-steps/").status_code == 403
    for _time in range(2):
        assert page(cast.sam).post("/pipeline/eight-steps/").status_code == 302
    assert Stage.objects.count() == 9
    assert SalesProcess.objects.get().is_default
