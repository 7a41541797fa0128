"""What a change leaves behind for the open pages and for kept figures."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

from accounts.models import Membership, Team
from pipeline.bulk.tables import leaves_marks
from pipeline.models import Touched
from tests.cast import Cast

Mark = tuple[str, int | None, int | None]

EVERYBODYS = (None, None)


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


def test_every_fact_that_a_page_waits_for_leaves_marks() -> None:
    waited_for = set[str]()
    for page in Path(settings.BASE_DIR, "pipeline", "templates").rglob("*.html"):
        for facts in re.findall(r'data-facts="([a-z ]+)"', page.read_text()):
            waited_for |= set(facts.split())
    marked = {model._meta.model_name for model in apps.get_models() if leaves_marks(model)}
    assert {"deal", "activity"} <= waited_for
    assert waited_for <= marked
