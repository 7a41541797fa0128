"""An operator adds people, and changes them, from the command line."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, User
from tests.cast import Cast, make_deal


def add_person(email: str, **options: Any) -> User:
    call_command("add_person", email, stdout=StringIO(), **options)
    return User.objects.get(email=email)


def test_a_new_person_starts_in_their_team_today(cast: Cast) -> None:
    user = add_person("dana@example.com", role="rep", team="seoul-1")
    membership = Membership.objects.get(user=user)
    assert (membership.team.slug, membership.end) == ("seoul-1", None)


def test_in_another_team_the_open_deals_follow(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu)
    add_person("minsu@example.com", role="lead", team="busan-1")
    deal.refresh_from_db()
    assert deal.team == cast.teams["busan-1"]
    ended, begun = Membership.objects.filter(user=cast.minsu).order_by("start")
    assert ended.end == begun.start


def test_the_command_takes_a_password_from_standard_input(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("correct horse battery\n"))
    call_command("add_person", "dana@example.com", role="finance", password_stdin=True)
    assert User.objects.get(email="dana@example.com").check_password("correct horse battery")


def test_the_command_names_the_teams_there_are(cast: Cast) -> None:
    with pytest.raises(CommandError, match=r"There is no team “north”.*seoul-1"):
        call_command("add_person", "dana@example.com", role="rep", team="north")
    assert not User.objects.filter(email="dana@example.com").exists()


def test_a_wrong_address_is_refused(cast: Cast) -> None:
    with pytest.raises(CommandError, match="valid email"):
        call_command("add_person", "dana", role="rep")
