"""What every answer says of itself to browsers and to caches on the way."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import PASSWORD, Cast, make_deal

ANSWERS = {
    "/deals/": 200,
    "/deals/?export=csv": 200,
    "/deals/?export=xlsx": 200,
    "/deals/?period=never": 400,
    "/deals/?scope=company": 403,
    "/deals/123456789/": 404,
    "/api/v1/deals/": 200,
    "/api/v1/kpis/won_revenue/records/?format=csv": 200,
    "/api/v1/deals/?created=\x00": 400,
    "/search/?q=deal": 200,
    "/nothing/": 404,
    "/api/v1/nothing/": 404,
}


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_is_guarded_and_kept_by_no_cache(
    cast: Cast, client: Client, path: str
) -> None:
    make_deal(cast, cast.minsu)
    client.force_login(cast.minsu)
    answer = client.get(path)
    assert answer.status_code == ANSWERS[path]
    assert answer["Cache-Control"] == "private, no-store"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_cookies_go_to_no_other_site(cast: Cast, client: Client) -> None:
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": cast.minsu.email, "password": PASSWORD})
    client.post("/language/", {"language": "ko"})
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
    assert set(names) <= set(client.cookies)
    assert {cookie["samesite"] for cookie in client.cookies.values()} == {"Lax"}
