"""The rail's entries: one table. An entry shows once its page exists and the person may open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission, allowed
from dashboards.links import page_url

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from accounts.models import User


@dataclass(frozen=True)
class Entry:
    """A page of the rail: `views` are prefixes of the view names under which it is current.

    `without_mail_server` keeps it to installations whose mail goes to files.
    """

    name: StrPromise
    url_name: str
    icon: str
    views: tuple[str, ...] = ()
    permission: Permission | None = None
    on_phones: bool = False
    without_mail_server: bool = False

    @property
    def url(self) -> str:
        """Its address, or "" while there is no such page."""
        return page_url(self.url_name)

    def is_current(self, view_name: str) -> bool:
        """Whether the view belongs to this entry."""
        return view_name.startswith((self.url_name, *self.views))


NAVIGATION = (
    Entry(_("Home"), "dashboards:home", icon="home", views=("dashboards:",), on_phones=True),
    Entry(
        _("Pipeline"),
        "pipeline:board",
        icon="layout-kanban",
        views=("pipeline:deal",),
        on_phones=True,
    ),
    Entry(_("Leads"), "pipeline:leads", icon="user-plus", views=("pipeline:lead",), on_phones=True),
    Entry(
        _("Customers"),
        "pipeline:customers",
        icon="building",
        views=("pipeline:customer",),
        on_phones=True,
    ),
    Entry(_("Forecast"), "forecasting:forecast", icon="chart-line", views=("forecasting:",)),
    Entry(_("KPIs"), "explorer:list", icon="list-details", views=("explorer:",)),
    Entry(_("Goals"), "dashboards:goals", icon="target", views=("dashboards:goal",)),
    Entry(_("Cohorts"), "dashboards:cohorts", icon="table"),
    Entry(_("Alerts"), "alerts:list", icon="bell", views=("alerts:",)),
    Entry(_("Reports"), "alerts:reports", icon="file-analytics", views=("alerts:report",)),
)
FAULTS = Entry(
    _("Data faults"), "pipeline:faults", icon="alert-triangle", views=("pipeline:fault",)
)
OUTBOX = Entry(
    _("Outbox"),
    "outbox",
    icon="mail",
    permission=Permission.EDIT_SETTINGS,
    without_mail_server=True,
)
RECOMPUTATION = Entry(
    _("Recomputation"),
    "dashboards:recomputation",
    icon="refresh",
    permission=Permission.EDIT_SETTINGS,
)
SETTINGS = Entry(_("Settings"), "admin:index", icon="settings", permission=Permission.EDIT_SETTINGS)


def entries_for(viewer: User) -> list[Entry]:
    """The entries that a person sees, settings last."""
    entries = (*NAVIGATION, FAULTS, OUTBOX, RECOMPUTATION, SETTINGS)
    return [entry for entry in entries if entry.url and _may_open(entry, viewer)]


def current_entry(entries: list[Entry], view_name: str) -> Entry | None:
    """The entry of a view; of several that claim it the one with the longest claim."""
    claims = [entry for entry in entries if entry.is_current(view_name)]
    return max(claims, key=lambda entry: _claim(entry, view_name), default=None)


def _may_open(entry: Entry, viewer: User) -> bool:
    if entry.without_mail_server and settings.EMAIL_URL:
        return False
    return entry.permission is None or allowed(viewer, entry.permission)


def _claim(entry: Entry, view_name: str) -> int:
    claims = (entry.url_name, *entry.views)
    return max(len(claim) for claim in claims if view_name.startswith(claim))
