"""Settings that facts depend on, as staff edit them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from history import version_model
from pipeline.models import Deal, Product, Rate, SalesProcess, Source, Stage, Touched
from pipeline.signals import facts_changed
from tests.cast import Cast, make_deal


@pytest.fixture
def staff(cast: Cast, client: Client) -> Client:
    client.force_login(cast.sam)
    return client


def stages_form(process: SalesProcess, **changed: dict[str, Any]) -> dict[str, Any]:
    """The process's own form as it stands, but for `changed` fields by a stage's position."""
    stages = list(process.stages.order_by("position"))
    form: dict[str, Any] = {
        "slug": process.slug,
        "name": process.name,
        "is_default": "on",
        "stages-TOTAL_FORMS": len(stages),
        "stages-INITIAL_FORMS": len(stages),
    }
    for number, stage in enumerate(stages):
        row = {
            "id": stage.pk,
            "process": process.pk,
            "position": stage.position,
            "name": stage.name,
            "name_ko": stage.name_ko,
            "probability": stage.probability,
            "category": stage.category,
            "outcome": stage.outcome,
        }
        row |= changed.get(f"at_{stage.position}", {})
        form |= {f"stages-{number}-{name}": value for name, value in row.items()}
    return form


class TestStages:
    def save(self, staff: Client, **changed: dict[str, Any]) -> Any:
        process = SalesProcess.objects.get()
        url = f"/admin/pipeline/salesprocess/{process.pk}/change/"
        return staff.post(url, stages_form(process, **changed))

    def test_probability_and_category_change_with_the_author_in_the_history(
        self, cast: Cast, staff: Client
    ) -> None:
        answer = self.save(staff, at_2={"probability": "0.25", "category": "best_case"})
        assert answer.status_code == 302
        version = version_model(Stage).objects.known().get(row=cast.stages[1].pk)
        assert (version.category, version.changed_by) == ("best_case", cast.sam.pk)

    def test_two_stages_trade_places(self, cast: Cast, staff: Client) -> None:
        assert self.save(staff, at_1={"position": 2}, at_2={"position": 1}).status_code == 302
        assert list(Stage.objects.order_by("position")[:2]) == [cast.stages[1], cast.stages[0]]

    def test_two_stages_do_not_share_a_place(self, staff: Client) -> None:
        assert "Two stages have the same position." in said(self.save(staff, at_1={"position": 2}))

    def test_one_stage_wins_and_one_loses(self, staff: Client) -> None:
        message = "exactly one stage for won and one for lost"
        assert message in said(self.save(staff, at_4={"outcome": "won"}))
        assert message in said(self.save(staff, at_6={"outcome": "open"}))
        assert message in said(self.save(staff, at_5={"DELETE": "on"}))

    def test_a_stage_with_deals_keeps_its_outcome(self, cast: Cast, staff: Client) -> None:
        make_deal(cast, cast.minsu, 4)
        swap = {"at_4": {"outcome": "won"}, "at_5": {"outcome": "open"}}
        assert "Deals are in this stage." in said(self.save(staff, **swap))
        Deal.objects.all().delete()
        assert self.save(staff, **swap).status_code == 302

    def test_a_stage_with_deals_is_not_deleted(self, cast: Cast, staff: Client) -> None:
        make_deal(cast, cast.minsu, 2)
        assert self.save(staff, at_2={"DELETE": "on"}).status_code == 200
        assert self.save(staff, at_3={"DELETE": "on"}).status_code == 302
        assert Stage.objects.count() == 5


def said(answer: Any) -> str:
    """The page that refuses a form."""
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_lists_are_edited(staff: Client) -> None:
    staff.post("/admin/pipeline/source/add/", {"slug": "web", "name": "Web", "name_ko": "웹"})
    staff.post("/admin/pipeline/product/add/", {"name": "GTX Pro", "currency": "KRW"})
    rate = {"currency": "USD", "day": "2026-11-03", "price": "1390"}
    staff.post("/admin/pipeline/rate/add/", rate)
    assert (Source.objects.get().name_ko, Product.objects.get().name) == ("웹", "GTX Pro")
    assert str(Rate.objects.get().price) == "1390.00000000"


@pytest.mark.parametrize("fact", ["deal", "lead", "customer", "contract", "cost", "target"])
def test_facts_are_not_edited_here(staff: Client, fact: str) -> None:
    assert staff.get(f"/admin/pipeline/{fact}/").status_code == 404


def test_schedules_stay_visible_and_secrets_do_not(staff: Client) -> None:
    assert staff.get("/admin/django_celery_beat/periodictask/").status_code == 200
    for hidden in ("authtoken/tokenproxy", "auth/group", "socialaccount/socialtoken"):
        assert staff.get(f"/admin/{hidden}/").status_code == 404


def test_a_changed_team_is_told_to_the_pages(
    cast: Cast, staff: Client, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[Any] = []

    def hear(**signal: Any) -> None:
        told.append(signal)

    facts_changed.connect(hear)
    team = cast.teams["seoul-2"]
    form = {"slug": team.slug, "name": team.name, "parent": cast.teams["busan"].pk}
    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(f"/admin/accounts/team/{team.pk}/change/", form)
    facts_changed.disconnect(hear)
    assert answer.status_code == 302
    assert told
    assert Touched.objects.filter(fact="team").exists()


class TestPeople:
    def save(self, staff: Client, cast: Cast, **changed: Any) -> Any:
        membership = Membership.objects.get(user=cast.minsu)
        form = {
            "email": cast.minsu.email,
            "name": cast.minsu.name,
            "role": cast.minsu.role,
            "is_active": "on",
            "language": "ko",
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 1,
            "memberships-0-id": membership.pk,
            "memberships-0-user": cast.minsu.pk,
            "memberships-0-team": membership.team_id,
            "memberships-0-start": membership.start.isoformat(),
        }
        return staff.post(f"/admin/accounts/user/{cast.minsu.pk}/change/", {**form, **changed})

    def test_moving_to_a_team_takes_open_deals_along(self, cast: Cast, staff: Client) -> None:
        deal = make_deal(cast, cast.minsu)
        answer = self.save(staff, cast, move_to=cast.teams["busan-1"].pk)
        assert answer.status_code == 302
        deal.refresh_from_db()
        assert deal.team == cast.teams["busan-1"]
        slugs = cast.minsu.memberships.order_by("start").values_list("team__slug", flat=True)
        assert list(slugs) == ["seoul-1", "busan-1"]

    def test_correcting_a_membership_does_too(self, cast: Cast, staff: Client) -> None:
        deal = make_deal(cast, cast.minsu)
        busan = cast.teams["busan-1"].pk
        assert self.save(staff, cast, **{"memberships-0-team": busan}).status_code == 302
        deal.refresh_from_db()
        assert deal.team_id == busan
        version = version_model(Membership).objects.known().filter(user=cast.minsu).last()
        assert version.changed_by == cast.sam.pk
