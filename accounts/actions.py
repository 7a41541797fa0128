"""Every write of people, their teams and their own settings."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from accounts.roles import Role

# Any number that no other advisory lock uses.
FIRST_PERSON_LOCK = 7_100_001


def choose_language(*, by: User, language: str) -> None:
    """A person chooses the language of their pages and mail; ValidationError for another code."""
    if language not in dict(settings.LANGUAGES):
        raise ValidationError(_("Choose one of the languages offered."))
    by.language = language
    by.save(update_fields=["language"])


def forget_other_addresses(*, of: User) -> None:
    """Sign in and reset passwords by the person's present address alone."""
    EmailAddress.objects.filter(user=of).exclude(email__iexact=of.email).delete()


@transaction.atomic
def put_person(
    *,
    email: str,
    role: str,
    name: str = "",
    staff: bool | None = None,
    password: str = "",
) -> tuple[User, bool]:
    """Create the person or change what is given; the second value says which.

    Without a password a new person sets one by "Forgotten?". ValidationError for what does not
    hold. For operators at the command line, so nobody is named as the author.
    """
    user = User.objects.filter(email__iexact=email).first()
    created = user is None
    user = user or User(email=email, language=Company.current().language)
    user.role = role
    user.name = name or user.name or email.partition("@")[0]
    user.is_staff = user.is_staff if staff is None else staff
    if password or created:
        user.set_password(password or None)
    user.full_clean()
    user.save()
    return user, created


@transaction.atomic
def add_first_person(*, company: str, email: str, name: str, password: str, language: str) -> User:
    """The person who sets the company up: executive and staff.

    PermissionDenied once there is anybody, also for the second of two who ask at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_PERSON_LOCK])
    if User.objects.exists():
        raise PermissionDenied(_("There is somebody already. Ask them to add you."))
    found = Company.current()
    found.name, found.language = company, language
    found.save(update_fields=["name", "language"])
    user = User(email=email, name=name, role=Role.EXECUTIVE, is_staff=True, language=language)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user
