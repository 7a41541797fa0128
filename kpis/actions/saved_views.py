"""Every write of saved views."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team, User
from accounts.scope import known_teams
from kpis.asking import check_rights
from kpis.models import SavedView
from kpis.models.saved_views import LONGEST_QUERY
from kpis.parameters import KNOWN, question_from
from kpis.questions import BadQuestion
from pipeline.actions.changing import locked, save

NO_COMPARISON = "none"


@transaction.atomic
def save_view(
    *, by: User, at: datetime, kpi: str, state: Mapping[str, str], name: str, team: Team | None
) -> SavedView:
    """Keep what a page of a KPI shows: `state` is its query parameters, others are dropped.

    ValidationError for a question without an answer or a name that its owner uses already;
    PermissionDenied for a KPI or scope that is not theirs.
    """
    check_team(team, by)
    kept = {key: value for key, value in sorted(state.items()) if key in KNOWN and value}
    _check_question(kpi, kept, by=by, at=at)
    query = urlencode(kept)
    if len(query) > LONGEST_QUERY:
        raise ValidationError(_("These choices are too many to be kept."))
    return save(SavedView(owner=by, kpi=kpi, query=query, name=name.strip(), team=team))


@transaction.atomic
def edit_view(
    *, view: SavedView, by: User, revision: int, name: str, team: Team | None
) -> SavedView:
    """Rename or share one's own view. Stale if it changed since `revision`."""
    _check_owner(view, by)
    current = locked(view, revision=revision)
    if team != current.team:
        check_team(team, by)
    current.name, current.team = name.strip(), team
    return save(current)


@transaction.atomic
def delete_view(*, view: SavedView, by: User, revision: int) -> None:
    """Delete one's own view. Stale if it changed since `revision`."""
    _check_owner(view, by)
    locked(view, revision=revision).delete()


def _check_owner(view: SavedView, by: User) -> None:
    if view.owner_id != by.pk:
        raise PermissionDenied(_("Only its owner changes a saved view."))


def check_team(team: Team | None, by: User) -> None:
    """ValidationError unless somebody may share with a team."""
    if team is not None and team not in known_teams(by):
        raise ValidationError({"team": _("Choose a team of yours.")})


def _check_question(kpi: str, state: Mapping[str, str], *, by: User, at: datetime) -> None:
    asked = {key: value for key, value in state.items() if value != NO_COMPARISON}
    try:
        check_rights(question_from(kpi, asked, viewer=by, at=at), by)
    except BadQuestion as error:
        raise ValidationError(str(error)) from error
