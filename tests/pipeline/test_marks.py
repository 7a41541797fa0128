"""What a change leaves behind for the open pages and for kept figures."""

from __future__ import annotations

import re

from django.apps import apps
from django.test import Client

from accounts.models import Membership, Team
from pipeline.bulk.tables import leaves_marks
from pipeline.models import Lead, Touched
from tests.cast import Cast, make_customer, make_deal, seoul

Mark = tuple[str, int | None, int | None]

EVERYBODYS = (None, None)
# The alerts say it themselves.
TOLD_WITHOUT_MARKS = {"incident"}


def left() -> set[Mark]:
    """Whose figures of which fact may have moved: fact, owner, team."""
    return set(Touched.objects.values_list("fact", "owner_id", "team_id"))


def test_who_is_in_which_team_concerns_everybody(cast: Cast) -> None:
    Touched.objects.all().delete()
    Membership.objects.filter(user=cast.minsu).update(team=cast.teams["busan-1"])
    assert left() == {("membership", *EVERYBODYS)}


def test_so_does_the_tree_of_teams(cast: Cast) -> None:
    Touched.objects.all().delete()
    Team.objects.filter(slug="seoul-2").update(parent=cast.teams["busan"])
    assert left() == {("team", *EVERYBODYS)}


def test_every_fact_that_a_page_waits_for_leaves_marks(cast: Cast, client: Client) -> None:
    deal = make_deal(cast, cast.minsu, customer=make_customer())
    lead = Lead.objects.create(owner=cast.minsu, created_at=seoul(2026, 1, 5))
    client.force_login(cast.eunji)
    waited_for = set[str]()
    for path in (
        "pipeline",
        f"deals/{deal.pk}",
        f"leads/{lead.pk}",
        f"customers/{deal.customer_id}",
    ):
        page = client.get(f"/{path}/", follow=True).content.decode()
        waited_for.update(*map(str.split, re.findall(r'data-facts="([a-z ]+)"', page)))
    marked = {model._meta.model_name for model in apps.get_models() if leaves_marks(model)}
    assert {"deal", "activity", "rate"} <= waited_for
    assert waited_for <= marked | TOLD_WITHOUT_MARKS
