"""Roles are a table: who may do what."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.roles import Permission, allowed, permissions_of, require
from tests.cast import Cast

P = Permission
MAY = {
    "eunji": {
        P.VIEW_COMPANY,
        P.VIEW_COSTS,
        P.VIEW_REVENUE,
        P.WORK_DEALS,
        P.REASSIGN,
        P.ADJUST_FORECAST,
        P.EDIT_TARGETS,
        P.EDIT_ALERTS,
        P.EDIT_CLOSED,
        P.COMMENT,
    },
    "finn": {
        P.VIEW_COMPANY,
        P.VIEW_COSTS,
        P.VIEW_REVENUE,
        P.EDIT_FINANCE,
        P.EDIT_TARGETS,
        P.EDIT_ALERTS,
        P.EDIT_CLOSED,
        P.COMMENT,
    },
    "lee": {
        P.VIEW_TEAM,
        P.WORK_DEALS,
        P.REASSIGN,
        P.ADJUST_FORECAST,
        P.EDIT_TARGETS,
        P.EDIT_ALERTS,
        P.COMMENT,
    },
    "minsu": {P.WORK_DEALS, P.EDIT_ALERTS, P.COMMENT},
}
STAFF = {P.EDIT_SETTINGS, P.CLOSE_PERIODS}
MAY["sam"] = MAY["eunji"] | STAFF


@pytest.mark.parametrize("who", MAY)
def test_each_role_may_what_the_table_says(cast: Cast, who: str) -> None:
    assert permissions_of(getattr(cast, who)) == MAY[who]


def test_the_signed_out_and_the_deactivated_may_nothing(cast: Cast) -> None:
    cast.sam.is_active = False
    assert not permissions_of(cast.sam)
    assert not permissions_of(AnonymousUser())


def test_staff_may_edit_settings_and_close_periods_whatever_their_role(cast: Cast) -> None:
    cast.minsu.is_staff = True
    assert permissions_of(cast.minsu) == MAY["minsu"] | STAFF


def test_require_raises_where_allowed_says_no(cast: Cast) -> None:
    assert allowed(cast.finn, P.EDIT_FINANCE)
    require(cast.finn, P.EDIT_FINANCE)
    assert not allowed(cast.eunji, P.EDIT_FINANCE)
    with pytest.raises(PermissionDenied):
        require(cast.eunji, P.EDIT_FINANCE)
