"""People, the tree of teams, and who belonged to which team when."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

import pgtrigger
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.company import Company, validate_time_zone
from accounts.roles import Permission, Role, allowed
from history import touching, versioned


class UserQuerySet(models.QuerySet["User"]):
    def of_teams(self, team_ids: frozenset[int], *, on: date) -> Self:
        """Those who belong to one of the teams on a day."""
        memberships = Membership.objects.running(on).filter(team__in=team_ids)
        return self.filter(pk__in=memberships.values("user"))


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who signs in by e-mail; without a password they must reset it first."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in, or is known from an import as an owner."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.REP)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May edit the settings."))
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(
        _("language"), max_length=2, default="ko", choices=settings.LANGUAGES
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("For times on your pages and in your mail. Empty: the company's."),
    )
    external_id = models.CharField(
        _("external id"), max_length=120, unique=True, null=True, blank=True
    )
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    # Whether this request reads as of an earlier instant, when nothing can be changed.
    looks_back = False

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="accounts_role_is_known")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times are shown to them: their own, else the company's."""
        return ZoneInfo(self.time_zone or Company.current().time_zone)

    @property
    def initials(self) -> str:
        """Two letters for an avatar: a Korean given name, or first letters of two words."""
        words = self.name.split()
        if len(words) > 1:
            return (words[0][0] + words[-1][0]).upper()
        return self.name[-2:] if self.name else self.email[:2].upper()

    def has_perm(self, _perm: str, _obj: object = None) -> bool:
        """Django's admin is for staff alone, and shows them everything in it."""
        return allowed(self, Permission.EDIT_SETTINGS)

    def has_module_perms(self, _app_label: str) -> bool:
        return allowed(self, Permission.EDIT_SETTINGS)


_NO_CYCLE = """
IF EXISTS (
    WITH RECURSIVE above (id, parent_id) AS (
        SELECT id, parent_id FROM accounts_team WHERE id = NEW.parent_id
        UNION SELECT t.id, t.parent_id FROM accounts_team t JOIN above ON t.id = above.parent_id
    ) SELECT FROM above WHERE id = NEW.id
) THEN
    RAISE EXCEPTION 'a team cannot be part of one below itself'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_team_no_cycle';
END IF;
RETURN NEW;
"""


@touching()
@versioned("parent")
class Team(models.Model):
    """A node of the team tree."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    external_id = models.CharField(
        _("external id"), max_length=120, unique=True, null=True, blank=True
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="accounts_team_is_not_its_own_parent",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="no_cycle",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_NO_CYCLE,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        above, seen = self.parent, set()
        while above is not None and above.pk not in seen:
            if above.pk == self.pk:
                raise ValidationError({"parent": _("A team cannot be part of one below itself.")})
            seen.add(above.pk)
            above = above.parent


class MembershipQuerySet(models.QuerySet["Membership"]):
    def running(self, on: date) -> Self:
        """Those in force on a day."""
        return self.filter(Q(start__lte=on) & (Q(end__isnull=True) | Q(end__gt=on)))

    def within(self, start: date | OuterRef, end: date | OuterRef) -> Self:
        """Those in force on some day from `start` until the day before `end`."""
        return self.filter(Q(start__lt=end) & (Q(end__isnull=True) | Q(end__gt=start)))


@touching()
@versioned("user", "team", "start", "end")
class Membership(models.Model):
    """A person belongs to a team from `start` until the day before `end`."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, related_name="memberships", verbose_name=_("team")
    )
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["-start", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")),
                name="accounts_membership_ends_after_its_start",
            ),
            models.UniqueConstraint(
                fields=["user", "team", "start"], name="accounts_membership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"
