"""A person signs in with a real browser, and pages keep to their content security policy."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD, Cast
from tests.conftest import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("site"),
]

DRAW = """
async () => {
  const script = document.createElement("script");
  script.src = "/static/vendor/plotly-finance.min.js";
  document.head.append(script);
  await new Promise((done) => { script.onload = done; });
  const chart = document.createElement("div");
  document.body.append(chart);
  const steps = {type: "waterfall", x: ["start", "new", "end"], y: [3, 2, 0],
                 measure: ["absolute", "relative", "total"]};
  await Plotly.newPlot(chart, [steps], {title: {text: "수주"}}, {responsive: true});
  const sheet = [...document.styleSheets].find((found) => !found.href);
  return [chart.querySelectorAll(".waterfalllayer .point").length, sheet.cssRules.length > 5];
}
"""


def test_signing_in_by_the_form(site: Site, cast: Cast, page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("minsu@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(f"{site.url}/accounts/login/")
    assert page.request.get("/api/v1/users/me/").json()["email"] == "minsu@example.com"


def test_a_chart_is_drawn_under_the_content_security_policy(
    site: Site, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    page.goto("/accounts/login/")
    assert page.evaluate(DRAW) == [3, True]
