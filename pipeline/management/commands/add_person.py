"""`manage.py add_person EMAIL --role ROLE [--team SLUG] [--staff]`: creates or changes a person."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.actions import put_person
from accounts.models import Team, User
from accounts.roles import Role
from pipeline.actions.people import transfer_person


class Command(BaseCommand):
    help = "Create the person with this e-mail address, or change them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument(
            "--team", metavar="SLUG", help="from today on; as in the address of its page"
        )
        parser.add_argument("--name", default="", help="as others see it")
        parser.add_argument(
            "--staff", action=BooleanOptionalAction, default=None, help="may edit the settings"
        )
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="set the password read from standard input",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        team = _team(options["team"])
        try:
            user, created = _put(team, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{'Created' if created else 'Changed'}: {user.email}")
        if not user.has_usable_password():
            self.stdout.write("They set a password by “Forgotten?” on the sign-in page.")


@transaction.atomic
def _put(team: Team | None, options: dict[str, Any]) -> tuple[User, bool]:
    user, created = put_person(
        email=options["email"],
        role=options["role"],
        name=options["name"],
        staff=options["staff"],
        password=_password() if options["password_stdin"] else "",
    )
    if team:
        transfer_person(person=user, to=team, by=None, at=timezone.now())
    return user, created


def _team(slug: str | None) -> Team | None:
    if slug is None:
        return None
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        known = ", ".join(Team.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no team “{slug}”. The teams: {known}.")
    return team


def _password() -> str:
    password = sys.stdin.readline().rstrip("\n")
    validate_password(password)
    return password
