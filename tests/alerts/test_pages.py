"""Pages of rules and incidents: who sees them, what they say, what a form does."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from alerts import actions
from alerts.detect import evaluate
from alerts.models import AlertRule, Incident
from pipeline.models import Deal
from tests.alerts.rules import make_rule
from tests.cast import Cast, make_deal


def as_(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def page(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def win(cast: Cast, amount: int) -> Deal:
    now = timezone.now()
    return make_deal(cast, cast.minsu, cast.won, amount=amount, created_at=now, closed_at=now)


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    """What a person fills in for won revenue of the company below 10억."""
    return {
        "figure": "won_revenue",
        "scope": "company",
        "period": "this-quarter",
        "direction": "below",
        "threshold": "10억",
        "severity": "warning",
        "hold_minutes": "0",
        "recipients": [cast.eunji.pk],
        **changes,
    }


def test_the_list_shows_state_value_and_distance(client: Client, cast: Cast) -> None:
    make_rule(cast, name="Quarter at risk")
    make_rule(cast, kpi="won_deals", direction="above", threshold=5)
    win(cast, 8_000_000)
    evaluate(at=timezone.now())

    text = page(as_(client, cast.eunji), "/alerts/")

    assert "1 open incident" in text
    assert "Quarter at risk" in text
    assert "₩2M below the threshold" in text
    assert "Won deals &gt; 5" in text
    assert "4 below the threshold" in text
    assert "Alerting" in text
    assert "Within threshold" in text


def test_what_a_rule_watched_before_stays_with_those_who_saw_it(client: Client, cast: Cast) -> None:
    rule = make_rule(cast, threshold=7_000_000)
    win(cast, 4_321_000)
    evaluate(at=timezone.now())
    actions.edit_rule(
        rule=rule,
        by=cast.eunji,
        at=timezone.now(),
        revision=rule.revision,
        changes={},
        scope="team:busan-1",
    )
    assert "4.3" in page(as_(client, cast.eunji), f"/alerts/rules/{rule.pk}/")
    assert "4.3" not in page(as_(client, cast.park), f"/alerts/rules/{rule.pk}/")


def test_each_sees_the_rules_of_their_scopes(client: Client, cast: Cast) -> None:
    make_rule(cast, name="For the company")
    make_rule(cast, by=cast.lee, scope="team:seoul-1", name="For Seoul")
    make_rule(cast, by=cast.park, scope="team:busan-1", name="For Busan")
    make_rule(cast, by=cast.minsu, scope=f"user:{cast.minsu.pk}", name="For Minsu")
    make_rule(cast, by=cast.finn, scope="team:seoul-1", kpi="cac", name="Costs of Seoul")
    evaluate(at=timezone.now())
    everything = {"For the company", "For Seoul", "For Busan", "For Minsu", "Costs of Seoul"}
    expected = {
        cast.eunji: everything,
        cast.rho: {"For Seoul", "For Minsu"},
        cast.lee: {"For Seoul", "For Minsu"},
        cast.park: {"For Busan"},
        cast.minsu: {"For Minsu"},
        cast.bora: set(),
    }
    for person, seen in expected.items():
        for path in ("/alerts/", "/alerts/incidents/"):
            text = page(as_(client, person), path)
            if path == "/alerts/":
                assert {name for name in everything if name in text} == seen
            else:
                assert {name for name in everything if name in text} <= seen
        for rule in AlertRule.objects.all():
            status = client.get(f"/alerts/rules/{rule.pk}/").status_code
            assert status == (200 if rule.name in seen else 404)
        for incident in Incident.objects.all():
            status = client.get(f"/alerts/incidents/{incident.pk}/").status_code
            assert status == (200 if incident.rule.name in seen else 404)
        count = page(client, "/alerts/incidents/count/")
        opened = [each for each in Incident.objects.all() if each.rule.name in seen]
        assert (f"{len(opened)} need" in count) if opened else count.strip() == ""


def test_the_bell_counts_what_nobody_looks_after_yet(client: Client, cast: Cast) -> None:
    make_rule(cast)
    evaluate(at=timezone.now())
    as_(client, cast.eunji)
    assert "1 needs attention" in page(client, "/alerts/incidents/count/")

    actions.acknowledge(incident=Incident.objects.get(), by=cast.lee, at=timezone.now())

    assert page(client, "/alerts/incidents/count/").strip() == ""


def test_a_panel_comes_alone_when_it_is_asked_for_again(client: Client, cast: Cast) -> None:
    rule = make_rule(cast)
    evaluate(at=timezone.now())
    incident = Incident.objects.get()
    as_(client, cast.eunji)
    for path in (
        "/alerts/",
        "/alerts/incidents/",
        f"/alerts/rules/{rule.pk}/",
        f"/alerts/incidents/{incident.pk}/",
    ):
        assert "<html" in page(client, path)
        assert "<html" not in page(client, path, HX_Request="true")


def test_an_empty_list_says_what_it_is_for(client: Client, cast: Cast) -> None:
    assert "Make the first rule" in page(as_(client, cast.lee), "/alerts/")
    assert "Nothing has crossed its threshold" in page(client, "/alerts/incidents/")


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


def test_a_recipient_without_the_right_is_named_on_the_rules_page(
    client: Client, cast: Cast
) -> None:
    rule = make_rule(cast)
    rule.recipients.add(cast.jiwoo)
    text = page(as_(client, cast.eunji), f"/alerts/rules/{rule.pk}/")
    assert text.count("gets no mail") == 1


def test_an_incident_tells_what_happened_and_who_was_told(client: Client, cast: Cast) -> None:
    make_rule(cast)
    now = timezone.now()
    evaluate(at=now)
    win(cast, 12_000_000)
    evaluate(at=now + timedelta(minutes=5))
    incident = Incident.objects.get()
    text = page(as_(client, cast.eunji), f"/alerts/incidents/{incident.pk}/")
    assert "Won revenue fell below its threshold — ₩0 &lt; ₩10M" in text
    assert "Won revenue is back within its threshold — ₩12M &gt; ₩10M" in text
    assert text.index("is back within") < text.index("fell below")
    assert "5 minutes" in text
    assert text.count("Eunji · Waiting") == 2


def test_an_incident_says_who_looks_after_it(client: Client, cast: Cast) -> None:
    make_rule(cast, recipients=[cast.eunji])
    evaluate(at=timezone.now())
    incident = Incident.objects.get()
    path = f"/alerts/incidents/{incident.pk}/"
    assert "I look after it" in page(as_(client, cast.finn), path)

    answer = client.post(f"{path}acknowledge/")

    assert answer.headers["Location"] == path
    incident.refresh_from_db()
    assert incident.acknowledged_by == cast.finn
    text = page(as_(client, cast.eunji), path)
    assert "I look after it" not in text
    assert text.index("Finn looks after it") < text.rindex("fell below its threshold")
    assert "Finn looks after it" in page(client, "/alerts/")
    assert "Finn looks after it" in page(client, "/alerts/incidents/")
    assert as_(client, cast.minsu).post(f"{path}acknowledge/").status_code == 404


@pytest.mark.parametrize("path", ["/alerts/", "/alerts/incidents/"])
def test_lists_cost_the_same_however_long_they_are(client: Client, cast: Cast, path: str) -> None:
    as_(client, cast.eunji)

    def count() -> int:
        evaluate(at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            page(client, path)
        return len(queries)

    make_rule(cast, scope="team:seoul-1")
    page(client, path)
    few = count()
    for scope in ("company", "team:seoul", "team:busan", f"user:{cast.bora.pk}"):
        make_rule(cast, scope=scope, recipients=[cast.eunji, cast.finn])
    assert count() == few
    assert few < 16


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
