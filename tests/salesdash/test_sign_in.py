"""Pages ask who one is before they show anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client


def test_a_page_leads_to_the_sign_in_and_back(client: Client, db: None) -> None:
    answer = client.get("/deals/?sort=name")

    assert answer.headers["Location"] == "/accounts/login/?next=/deals/%3Fsort%3Dname"


def test_a_part_of_a_page_whose_session_ended_has_the_page_loaded_again(
    client: Client, db: None
) -> None:
    answer = client.get("/home/tiles/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")
    assert "Location" not in answer.headers
