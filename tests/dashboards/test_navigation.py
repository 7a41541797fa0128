"""The rail shows what exists and what a person may open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.navigation import NAVIGATION, Entry, current_entry, entries_for

if TYPE_CHECKING:
    from tests.cast import Cast


def test_settings_are_for_staff(cast: Cast) -> None:
    assert entries_for(cast.sam)[-1].url == "/admin/"
    assert all(entry.url != "/admin/" for entry in entries_for(cast.eunji))


def test_a_page_that_does_not_exist_has_no_entry(cast: Cast) -> None:
    assert all(entry.url for entry in entries_for(cast.sam))
    assert Entry(NAVIGATION[0].name, "nowhere:at-all", icon="home").url == ""


def test_the_longest_claim_marks_the_current_entry() -> None:
    entries = list(NAVIGATION)

    def current(view_name: str) -> str:
        entry = current_entry(entries, view_name)
        return entry.icon if entry else ""

    assert current("pipeline:deal-edit") == "layout-kanban"
    assert current("pipeline:lead") == "user-plus"
    assert current("alerts:report-new") == "file-analytics"
    assert current("alerts:rule") == "bell"
    assert current("account_change_password") == ""
