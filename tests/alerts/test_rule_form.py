"""What people type into a rule: what is offered, what is refused, what becomes of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from alerts import actions
from alerts.models import AlertRule
from tests.alerts.pages import as_, page, typed, win
from tests.alerts.rules import make_rule
from tests.cast import Cast


def test_a_rule_is_made_from_what_people_type(client: Client, cast: Cast) -> None:
    answer = as_(client, cast.eunji).post("/alerts/new/", typed(cast))
    rule = AlertRule.objects.get()
    assert answer.headers["Location"] == f"/alerts/rules/{rule.pk}/"
    assert (rule.threshold, rule.owner, rule.scope_code) == (
        Decimal(1_000_000_000),
        cast.eunji,
        "company",
    )
    assert list(rule.recipients.all()) == [cast.eunji]


def test_a_percentage_is_typed_as_people_say_it(client: Client, cast: Cast) -> None:
    as_(client, cast.eunji).post(
        "/alerts/new/", typed(cast, figure="win_rate:value", threshold="35 %")
    )
    rule = AlertRule.objects.get()
    assert (rule.kpi, rule.basis, rule.threshold) == ("win_rate", "value", Decimal("0.35"))
    assert 'value="35"' in page(client, f"/alerts/rules/{rule.pk}/edit/")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": "a lot"}, "Enter a number, such as"),
        ({"figure": "profit"}, "Select a valid choice"),
        ({"scope": "team:nowhere"}, "Select a valid choice"),
        ({"period": "2026-Q1"}, "Select a valid choice"),
        ({"hold_minutes": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    client: Client, cast: Cast, changes: dict[str, str], message: str
) -> None:
    answer = as_(client, cast.eunji).post("/alerts/new/", typed(cast, **changes))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not AlertRule.objects.exists()


def test_scopes_and_figures_are_the_viewers(client: Client, cast: Cast) -> None:
    text = page(as_(client, cast.lee), "/alerts/new/")
    assert 'value="team:seoul-1"' in text
    assert f'value="user:{cast.jiwoo.pk}"' in text
    assert 'value="company"' not in text
    assert "team:busan" not in text
    assert 'value="cac"' not in text
    for changes in ({"scope": "company"}, {"figure": "cac", "scope": "team:seoul-1"}):
        answer = client.post("/alerts/new/", typed(cast, recipients=[], **changes))
        assert answer.status_code == 422


def test_only_who_may_see_the_figure_can_be_told(client: Client, cast: Cast) -> None:
    as_(client, cast.lee)
    query = f"figure=won_revenue&scope=user:{cast.minsu.pk}&period=this-quarter"
    text = page(client, f"/alerts/preview/?{query}")
    for person in (cast.minsu, cast.lee, cast.rho, cast.eunji):
        assert person.name in text
    assert "Jiwoo" not in text
    answer = client.post(
        "/alerts/new/", typed(cast, scope="team:seoul-1", recipients=[cast.minsu.pk])
    )
    assert answer.status_code == 422
    assert not AlertRule.objects.exists()


def test_a_new_rule_begins_with_ones_own_revenue(client: Client, cast: Cast) -> None:
    text = page(as_(client, cast.lee), "/alerts/new/")

    assert '<option value="won_revenue" selected>' in text
    assert '<option value="team:seoul-1" selected>' in text
    me = text.split(f'name="recipients" value="{cast.lee.pk}"')[1]
    assert "checked" in me.split(">")[0]


def test_the_form_shows_the_present_value_while_one_types(client: Client, cast: Cast) -> None:
    win(cast, 8_000_000)
    query = "figure=won_revenue&scope=company&period=this-quarter&direction=below"
    as_(client, cast.eunji)
    bare = page(client, f"/alerts/preview/?{query}")
    assert "₩8M" in bare
    assert f"Won revenue · {cast.company.name} · This quarter" in bare
    assert "Would alert" not in bare
    assert "Would alert at once" in page(client, f"/alerts/preview/?{query}&threshold=10M")
    assert "Would alert" not in page(client, f"/alerts/preview/?{query}&threshold=800만")
    unknown = query.replace("won_revenue", "sales_cycle:p75").replace("company", "team:busan")
    assert "Nothing was measured" in page(client, f"/alerts/preview/?{unknown}&threshold=1")
    assert "Choose a figure" in page(client, "/alerts/preview/?figure=nonsense")


@pytest.mark.parametrize("name", ["eunji", "lee", "minsu"])
def test_the_form_opens_ready_to_be_saved(client: Client, cast: Cast, name: str) -> None:
    """On the viewer's own figure, told to themselves, a tenth worse than now."""
    win(cast, 8_000_000)
    person = getattr(cast, name)

    answer = as_(client, person).get("/alerts/new/?period=2026-Q1&figure=nonsense")

    form = answer.context["form"]
    assert form["threshold"].value() == "7.2M"
    assert form["direction"].value() == "below"
    assert form["period"].value() == "this-quarter"
    box = f'<input type="checkbox" name="recipients" value="{person.pk}"'
    checked = answer.content.decode().split(box)[1].split(">")[0]
    assert "checked" in checked


def test_a_suggested_threshold_follows_the_figure_until_one_types(
    client: Client, cast: Cast
) -> None:
    win(cast, 8_000_000)
    query = "scope=company&period=this-quarter&suggested=7.2M&direction="
    as_(client, cast.eunji)

    def asked(choices: str) -> str:
        return page(client, f"/alerts/preview/?{query}{choices}")

    untouched = asked("above&threshold=7.2M&figure=won_deals")
    nothing_to_suggest = asked("below&threshold=7.2M&figure=won_deals")

    assert 'id="suggested" value="2"' in untouched
    assert 'name="threshold" value="2"' in untouched
    assert 'id="suggested" value=""' in nothing_to_suggest
    for choices in (
        "below&threshold=7.2M&figure=won_revenue",
        "above&threshold=5&figure=won_deals",
    ):
        assert "suggested" not in asked(choices)


def test_a_stale_edit_is_refused_and_both_versions_are_shown(client: Client, cast: Cast) -> None:
    rule = make_rule(cast)
    actions.edit_rule(
        rule=rule,
        by=cast.finn,
        at=timezone.now(),
        revision=1,
        changes={"threshold": Decimal(20_000_000)},
    )
    answer = as_(client, cast.eunji).post(
        f"/alerts/rules/{rule.pk}/edit/", typed(cast, threshold="30M", revision=1)
    )
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Won revenue &lt; ₩30M" in text
    assert "Won revenue &lt; ₩20M" in text
    rule.refresh_from_db()
    assert rule.threshold == 20_000_000
    for path in ("active", "delete"):
        answer = client.post(f"/alerts/rules/{rule.pk}/{path}/", {"revision": 1, "active": "no"})
        assert answer.status_code == 409


def test_a_rule_is_changed_paused_taken_up_again_and_deleted(client: Client, cast: Cast) -> None:
    rule = make_rule(cast)
    as_(client, cast.finn)
    client.post(f"/alerts/rules/{rule.pk}/edit/", typed(cast, threshold="30M", revision=1))
    rule.refresh_from_db()
    assert (int(rule.threshold), rule.revision, rule.owner) == (30_000_000, 2, cast.eunji)

    client.post(f"/alerts/rules/{rule.pk}/active/", {"revision": 2, "active": "no"})
    assert "Paused" in page(client, f"/alerts/rules/{rule.pk}/")
    client.post(f"/alerts/rules/{rule.pk}/active/", {"revision": 3, "active": "yes"})
    assert "Not evaluated yet" in page(client, f"/alerts/rules/{rule.pk}/")

    client.post(f"/alerts/rules/{rule.pk}/delete/", {"revision": 4})
    assert not AlertRule.objects.exists()


def test_another_scopes_rule_cannot_be_touched(client: Client, cast: Cast) -> None:
    rule = make_rule(cast)
    as_(client, cast.minsu)
    for path in ("edit", "active", "delete"):
        answer = client.post(f"/alerts/rules/{rule.pk}/{path}/", {"revision": 1})
        assert answer.status_code == 404
    assert AlertRule.objects.filter(pk=rule.pk, revision=1).exists()


LONGER_THAN_PYTHON_READS = "9" * 5000


def test_a_revision_that_is_no_number_is_refused(client: Client, cast: Cast) -> None:
    rule = make_rule(cast)
    for revision in ("", "x", "²", LONGER_THAN_PYTHON_READS):
        answer = as_(client, cast.eunji).post(
            f"/alerts/rules/{rule.pk}/delete/", {"revision": revision}
        )
        assert answer.status_code == 400
    assert AlertRule.objects.count() == 1


def test_a_person_that_is_no_number_is_nobody(client: Client, cast: Cast) -> None:
    for name in ("x", "٣", LONGER_THAN_PYTHON_READS):
        chosen = typed(cast, scope=f"user:{name}")
        assert as_(client, cast.eunji).get("/alerts/preview/", chosen).status_code == 200
