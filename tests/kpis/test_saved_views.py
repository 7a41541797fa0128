"""Views of figures that people keep: what is kept, and who sees and changes it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Team, User
from kpis.actions.saved_views import delete_view, edit_view, save_view
from kpis.models import SavedView
from pipeline.actions.changing import Stale
from tests.cast import Cast, seoul

NOW: datetime = seoul(2026, 3, 4)


def keep(
    owner: User,
    name: str = "Mine",
    /,
    *,
    kpi: str = "win_rate",
    team: Team | None = None,
    **state: str,
) -> SavedView:
    return save_view(by=owner, at=NOW, kpi=kpi, state=state, name=name, team=team)


def seen_by(viewer: User) -> set[str]:
    return {view.name for view in SavedView.objects.visible_to(viewer)}


def test_the_question_is_kept_and_nothing_else(cast: Cast) -> None:
    view = keep(cast.minsu, by="source", period="this-quarter", compare="none", page="3", size="")

    assert view.query == "by=source&compare=none&period=this-quarter"


def test_what_has_no_answer_is_not_kept(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="Use one of"):
        keep(cast.minsu, by="weather")
    with pytest.raises(PermissionDenied):
        keep(cast.minsu, kpi="cac")
    with pytest.raises(PermissionDenied):
        keep(cast.minsu, scope="team:busan-1")


def test_a_name_is_used_once_by_each_owner(cast: Cast) -> None:
    keep(cast.minsu, "Channels")
    keep(cast.jiwoo, "Channels")

    with pytest.raises(ValidationError, match="of this name"):
        keep(cast.minsu, " Channels ", kpi="won_deals")
    with pytest.raises(ValidationError):
        keep(cast.minsu, " ")


def test_a_view_is_its_owners_alone_until_it_is_shared(cast: Cast) -> None:
    keep(cast.lee, "Private")
    keep(cast.lee, "Shared", team=cast.teams["seoul-1"])

    assert seen_by(cast.lee) == {"Private", "Shared"}
    assert seen_by(cast.minsu) == seen_by(cast.rho) == seen_by(cast.eunji) == {"Shared"}
    assert seen_by(cast.park) == seen_by(cast.bora) == set()


def test_a_team_shares_with_those_below_it(cast: Cast) -> None:
    keep(cast.rho, "Of all Seoul", team=cast.teams["seoul"])

    assert seen_by(cast.minsu) == {"Of all Seoul"}
    assert seen_by(cast.bora) == set()


def test_a_view_of_costs_stays_with_those_who_see_costs(cast: Cast) -> None:
    keep(cast.eunji, "Costs", kpi="cac", team=cast.teams["seoul-1"])

    assert seen_by(cast.finn) == {"Costs"}
    assert seen_by(cast.lee) == set()


def test_it_is_shared_with_a_team_of_ones_own(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="team of yours"):
        keep(cast.minsu, team=cast.teams["busan-1"])


def test_only_its_owner_changes_it(cast: Cast) -> None:
    view = keep(cast.lee, team=cast.teams["seoul-1"])

    with pytest.raises(PermissionDenied):
        edit_view(view=view, by=cast.eunji, revision=1, name="Hers", team=None)
    with pytest.raises(PermissionDenied):
        delete_view(view=view, by=cast.minsu, revision=1)

    edited = edit_view(view=view, by=cast.lee, revision=1, name="Renamed", team=None)
    assert (edited.name, edited.team, edited.revision) == ("Renamed", None, 2)
    with pytest.raises(Stale):
        delete_view(view=view, by=cast.lee, revision=1)
    delete_view(view=view, by=cast.lee, revision=2)
    assert not SavedView.objects.exists()
