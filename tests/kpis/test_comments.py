"""Comments on figures: who may say and see them, and who changes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from accounts.models import User
from accounts.scope import OutsideScope, resolve
from kpis.actions.comments import add_comment, delete_comment, edit_comment
from kpis.models import Comment
from pipeline.actions.changing import Stale
from tests.cast import Cast, seoul

NOW = seoul(2026, 3, 16, 12)


def say(cast: Cast, by: User, scope: str, kpi: str = "won_revenue") -> Comment:
    period = cast.company.calendar.parse("2026-Q1", at=NOW)
    seen = resolve(scope, cast.eunji)
    return add_comment(by=by, at=NOW, scope=seen, period=period, kpi=kpi, text=" Well done ")


def readers(cast: Cast, comment: Comment) -> set[str]:
    fresh = {person.name: User.objects.get(pk=person.pk) for person in cast.everyone}
    return {
        name
        for name, person in fresh.items()
        if Comment.objects.visible_to(person).filter(pk=comment.pk).exists()
    }


def test_whoever_sees_the_scope_sees_what_is_said(cast: Cast) -> None:
    comment = say(cast, cast.lee, f"user:{cast.minsu.pk}")
    assert comment.text == "Well done"
    assert readers(cast, comment) == {"Eunji", "Finn", "Sam", "Rho", "Lee", "Minsu"}
    team = say(cast, cast.lee, "team:seoul-1")
    assert readers(cast, team) == {"Eunji", "Finn", "Sam", "Rho", "Lee"}


def test_what_tells_salaries_is_for_those_who_see_costs(cast: Cast) -> None:
    comment = say(cast, cast.finn, "team:seoul-1", kpi="cac")
    assert readers(cast, comment) == {"Eunji", "Finn", "Sam"}
    with pytest.raises(PermissionDenied):
        say(cast, cast.lee, "team:seoul-1", kpi="cac")


def test_nobody_speaks_outside_their_scope(cast: Cast) -> None:
    with pytest.raises(OutsideScope):
        say(cast, cast.minsu, "team:seoul-1")
    assert say(cast, cast.minsu, f"user:{cast.minsu.pk}").author == cast.minsu


@pytest.mark.parametrize("filters", [{"region": "Busan"}, {"region": "\0"}])
def test_what_is_said_of_all_goals_together_has_no_filter(
    cast: Cast, filters: dict[str, str]
) -> None:
    period = cast.company.calendar.parse("2026-Q1", at=NOW)
    said: dict[str, Any] = {
        "by": cast.eunji,
        "at": NOW,
        "scope": resolve("company", cast.eunji),
        "text": "Well",
    }
    with pytest.raises(ValidationError, match="filters"):
        add_comment(**said, period=period, filters=filters)


def test_only_its_author_changes_or_takes_back_a_comment(cast: Cast) -> None:
    comment = say(cast, cast.lee, "team:seoul-1")
    with pytest.raises(PermissionDenied):
        edit_comment(comment=comment, by=cast.eunji, revision=1, text="No")
    edited = edit_comment(comment=comment, by=cast.lee, revision=1, text="Better")
    assert edited.is_edited
    with pytest.raises(Stale):
        edit_comment(comment=comment, by=cast.lee, revision=1, text="Best")
    with pytest.raises(PermissionDenied):
        delete_comment(comment=edited, by=cast.rho, revision=2)
    delete_comment(comment=edited, by=cast.lee, revision=2)
    assert not Comment.objects.exists()


def test_an_empty_comment_says_nothing(cast: Cast) -> None:
    comment = say(cast, cast.lee, "team:seoul-1")
    with pytest.raises(ValidationError):
        edit_comment(comment=comment, by=cast.lee, revision=1, text="  ")
    with pytest.raises(ValidationError):
        say(cast, cast.lee, "team:seoul-1", kpi="luck")


def test_what_was_taken_back_meanwhile_is_not_there(cast: Cast) -> None:
    comment = say(cast, cast.lee, "team:seoul-1")
    Comment.objects.all().delete()
    with pytest.raises(Http404):
        edit_comment(comment=comment, by=cast.lee, revision=1, text="Better")
