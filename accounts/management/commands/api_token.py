"""`manage.py api_token EMAIL`: the person's token for the API, and nothing else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rest_framework.authtoken.models import Token

from accounts.models import User


class Command(BaseCommand):
    help = "Print the person's API token, making it first where there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--renew", action="store_true", help="make a new one; the old one ends")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"], is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody active has the address {options['email']}.")
        if options["renew"]:
            Token.objects.filter(user=user).delete()
        self.stdout.write(Token.objects.get_or_create(user=user)[0].key)
