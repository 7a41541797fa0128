"""Every write of comments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from accounts.roles import Permission, require
from accounts.scope import Scope, ScopeKind, resolve
from kpis.goal_rules import check_filters
from kpis.live import Change, publish
from kpis.models import Comment
from kpis.progress import may_see
from kpis.registry import all_kpis
from periods import Period
from pipeline.actions.changing import locked, save

COMMENT = "comment"
"""The fact's name for pages that follow it."""


@transaction.atomic
def add_comment(
    *,
    by: User,
    at: datetime,
    scope: Scope,
    period: Period,
    text: str,
    kpi: str = "",
    filters: Mapping[str, str] | None = None,
) -> Comment:
    """Say something about a figure. OutsideScope or PermissionDenied for one that is not theirs."""
    require(by, Permission.COMMENT)
    resolve(scope.code, by)
    _check_kpi(kpi, dict(filters or {}), by)
    return _said(
        Comment(
            kpi=kpi,
            team_id=scope.id if scope.kind is ScopeKind.TEAM else None,
            user_id=scope.id if scope.kind is ScopeKind.USER else None,
            start=period.start,
            end=period.end,
            filters=dict(filters or {}),
            text=text.strip(),
            author=by,
            created_at=at,
        )
    )


@transaction.atomic
def edit_comment(*, comment: Comment, by: User, revision: int, text: str) -> Comment:
    """Change what one said oneself. Stale if it changed since `revision`."""
    _check_author(comment, by)
    current = locked(comment, revision=revision)
    current.text = text.strip()
    return _said(current)


@transaction.atomic
def delete_comment(*, comment: Comment, by: User, revision: int) -> None:
    """Take back what one said oneself. Stale if it changed since `revision`."""
    _check_author(comment, by)
    current = locked(comment, revision=revision)
    _tell(current)
    current.delete()


def _said(comment: Comment) -> Comment:
    saved = save(comment)
    _tell(saved)
    return saved


def _tell(comment: Comment) -> None:
    """After the commit, the pages of those who see the scope; they ask again by their rights."""
    people = {each for each in (comment.user_id,) if each}
    teams = {each for each in (comment.team_id,) if each}
    theirs = Membership.objects.filter(user__in=people).values_list("team", flat=True)
    change = Change(COMMENT, frozenset(people), frozenset(teams.union(theirs)))
    transaction.on_commit(lambda: publish([change]))


def _check_author(comment: Comment, by: User) -> None:
    require(by, Permission.COMMENT)
    if comment.author_id != by.pk:
        raise PermissionDenied(_("Only its author changes a comment."))


def _check_kpi(kpi: str, filters: dict[str, str], by: User) -> None:
    if kpi and kpi not in all_kpis():
        raise ValidationError({"kpi": _("This KPI is not in the catalog.")})
    if not may_see(kpi, by):
        raise PermissionDenied(_("Your role does not open this KPI."))
    if filters and not kpi:
        raise ValidationError({"filters": _("Only a KPI has filters.")})
    check_filters(kpi, filters)
